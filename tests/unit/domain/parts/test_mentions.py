"""Calling somebody by name."""

import pytest

from domain.ids import ActorId
from domain.parts.mentions import LOOKED_AT_MAX, MENTIONS_MAX, mentioned

ADA, LOVELACE, BEN, BEN_TOO, NOBODY = (ActorId(name) for name in ("ada", "lovelace", "ben", "ben too", "nobody"))
NAMES = {ADA: "Ada", LOVELACE: "Ada Lovelace", BEN: "Ben", BEN_TOO: "ben", NOBODY: " "}


@pytest.mark.parametrize(
    "text,called",
    [
        ("nothing", ()),
        ("@Ada", (ADA,)),
        ("hello @ada!", (ADA,)),
        ("@Ada Lovelace, look", (LOVELACE,)),
        ("@Ada Lovelaces", (ADA,)),
        ("@Adalbert", ()),
        ("ada@ada", ()),
        ("(@Ada)", (ADA,)),
        ("@Ben", (BEN, BEN_TOO)),
        ("@Ben @Ada @BEN", (BEN, BEN_TOO, ADA)),
        ("@ and @@Ada", (ADA,)),
        ("@", ()),
    ],
)
def test_who_is_called(text: str, called: tuple[ActorId, ...]) -> None:
    assert mentioned(text, NAMES) == called


def test_nobody_calls_themselves() -> None:
    assert mentioned("@Ada and @Ada Lovelace", NAMES, ADA) == (LOVELACE,)


def test_one_text_calls_so_many_and_no_more() -> None:
    names = {ActorId(str(number)): f"n{number}" for number in range(50)}
    text = " ".join(f"@n{number}" for number in range(50))

    assert len(mentioned(text, names)) == MENTIONS_MAX


def test_a_text_of_nothing_but_signs_is_looked_at_so_far() -> None:
    assert mentioned("@" * LOOKED_AT_MAX + "@Ada", NAMES) == ()
