"""Settings out of environment variables."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from server.environment import Secret, SettingRefused, describe, read_struct, strangers, without_password


class Kettle(msgspec.Struct, frozen=True, kw_only=True):
    folder: Path
    boil_s: float = 90.0
    """Water needs this long."""
    cups: Annotated[int, msgspec.Meta(le=12)] = 4
    spare_cups: int = 0
    """More do not fit, ``cups`` neither."""
    whistles: bool = False
    lid: bool | None = None
    guests: tuple[str, ...] = ()
    pin: Secret = ""


def read(**environ: str) -> Kettle:
    return read_struct(
        Kettle, "kettle", {f"ATRIUM_KETTLE_{name.upper()}": text for name, text in environ.items()}, {"folder": Path("f")}
    )


def test_without_variables_the_defaults_and_the_derived_values_hold() -> None:
    assert read() == Kettle(folder=Path("f"))


def test_a_variable_wins_over_a_derived_value() -> None:
    assert read(folder="/somewhere").folder == Path("/somewhere")


def test_an_empty_variable_counts_as_not_said() -> None:
    assert read(boil_s="") == Kettle(folder=Path("f"))


def test_lists_are_written_with_commas_and_switches_as_on_and_off() -> None:
    kettle = read(guests="ada, grace,", whistles="on", lid="no")

    assert kettle.guests == ("ada", "grace")
    assert kettle.whistles is True
    assert kettle.lid is False


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("boil_s", "long"),
        ("boil_s", "-1"),
        ("boil_s", "nan"),
        ("boil_s", "inf"),
        ("cups", "13"),
        ("cups", "1.5"),
        ("whistles", "perhaps"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(SettingRefused, match=f"^ATRIUM_KETTLE_{name.upper()}='{text}': "):
        read(**{name: text})


def test_a_missing_value_without_a_default_is_told() -> None:
    with pytest.raises(SettingRefused, match="folder"):
        read_struct(Kettle, "kettle", {})


def test_a_setting_is_described_by_the_string_under_it() -> None:
    lines = {line.variable: line for line in describe(read(cups="5", pin="1234"), "kettle")}

    assert lines["ATRIUM_KETTLE_BOIL_S"].reason == "Water needs this long."
    assert lines["ATRIUM_KETTLE_BOIL_S"].value == "90"
    assert lines["ATRIUM_KETTLE_CUPS"].reason == lines["ATRIUM_KETTLE_SPARE_CUPS"].reason
    assert lines["ATRIUM_KETTLE_FOLDER"].reason == ""
    assert not lines["ATRIUM_KETTLE_CUPS"].is_default
    assert lines["ATRIUM_KETTLE_PIN"].value == "(set)"


def test_a_slip_of_the_finger_is_noticed() -> None:
    assert strangers({"ATRIUM_PROT": "1", "HOME": "/", "ATRIUM_PORT": "2"}, ["ATRIUM_PORT", "ATRIUM_DATA"]) == [
        "ATRIUM_PROT is no setting of the server; did you mean ATRIUM_PORT?"
    ]


def test_a_password_in_an_address_is_masked() -> None:
    assert without_password("postgresql://ada:s3cret@db:5432/atrium") == "postgresql://ada:***@db:5432/atrium"
    assert without_password("plain text") == "plain text"
