"""All settings, gathered from the environment."""

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from domain.ids import time_ms_of
from server import serving
from server.cli import main
from server.environment import SettingRefused
from server.settings import described, read_settings, warnings_of

SECRET = "s" * 40


def test_nothing_has_to_be_set() -> None:
    settings = read_settings({})

    assert settings.is_embedded
    assert settings.server.port == 8000
    assert settings.journal.folder == Path("data/journal")
    assert settings.embedded.data == Path("data/postgres")
    assert settings.trust_token_roles
    assert settings.dev_sign_in


def test_the_plain_names_count_and_the_longer_ones_win() -> None:
    settings = read_settings({"PORT": "9000", "DATA": "/srv/plain", "ATRIUM_DATA": "/srv/long", "ATRIUM_HUB_RING_EVENTS": "7"})

    assert settings.server.port == 9000
    assert settings.journal.folder == Path("/srv/long/journal")
    assert settings.hub.ring_events == 7


def test_an_address_of_a_database_switches_the_conveniences_off() -> None:
    settings = read_settings({"DATABASE_URL": "postgresql://db/atrium", "ATRIUM_AUTH_TOKEN_SECRET": SECRET})

    assert not settings.is_embedded
    assert not settings.trust_token_roles
    assert not settings.dev_sign_in


@pytest.mark.parametrize(
    "environ",
    [
        {"ATRIUM_HOST": "0.0.0.0"},
        {"ATRIUM_HOST": "10.1.2.3"},
        {"ATRIUM_HOST": "atrium.example"},
        {"ATRIUM_AUTH_DEV_SIGN_IN": "off"},
    ],
)
def test_anyone_may_become_anyone_only_where_nobody_else_can_reach_it(environ: dict[str, str]) -> None:
    assert not read_settings(environ).dev_sign_in


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_loopback_address_is_told(host: str) -> None:
    assert read_settings({"ATRIUM_HOST": host}).is_loopback


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "70000"}, r"^PORT='70000': a number from 0 to 65535$"),
        ({"PORT": "abc"}, r"^PORT='abc': a number from 0 to 65535$"),
        ({"ATRIUM_PORT": "-1"}, r"^ATRIUM_PORT='-1': a number from 0 to 65535$"),
        ({"PORT": "8000", "ATRIUM_PORT": "abc"}, r"^ATRIUM_PORT='abc'"),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://db/atrium"}, "ATRIUM_AUTH_TOKEN_SECRET"),
        ({"ATRIUM_AUTH_TOKEN_SECRET": "short"}, "ATRIUM_AUTH_TOKEN_SECRET"),
        ({"ATRIUM_AUTH_JWKS": "/no/such/file"}, "ATRIUM_AUTH_JWKS"),
        ({"ATRIUM_AUTH_DEV_SIGN_IN": "on", "ATRIUM_HOST": "0.0.0.0"}, "ATRIUM_AUTH_DEV_SIGN_IN"),
        ({"ATRIUM_JOURNAL_COMMIT": "hope"}, "ATRIUM_JOURNAL_COMMIT"),
        ({"ATRIUM_LOG_LEVEL": "loud"}, "ATRIUM_LOG_LEVEL"),
    ],
)
def test_what_cannot_be_names_its_variable(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingRefused, match=named):
        read_settings(environ)


def test_pages_that_may_call_the_api_may_open_sockets() -> None:
    settings = read_settings({"ATRIUM_HTTP_ORIGINS": "https://a.example, https://b.example"})

    assert settings.socket.allowed_origins == settings.http.origins == ("https://a.example", "https://b.example")


def test_every_setting_has_a_reason() -> None:
    """Derived ones (folders) and those whose class says it are told by their group."""
    missing = [line.variable for _, lines in described(read_settings({})) for line in lines if not line.reason]

    assert set(missing) <= {"ATRIUM_HTTP_PAGE", "ATRIUM_JOURNAL_FOLDER", "ATRIUM_EMBEDDED_DATA"}


def test_a_mistyped_variable_is_noticed() -> None:
    environ = {"ATRIUM_HUB_RING_EVENT": "7"}

    assert warnings_of(read_settings(environ), environ) == [
        "ATRIUM_HUB_RING_EVENT is no setting of the server; did you mean ATRIUM_HUB_RING_EVENTS?"
    ]


def run(*arguments: str, **environ: str) -> Any:
    clean = dict.fromkeys(("PORT", "DATA", "DATABASE_URL"), "")
    return CliRunner(env={**clean, **environ}).invoke(main, arguments)


def test_the_command_prints_them_with_secrets_masked() -> None:
    result = run("settings", ATRIUM_AUTH_TOKEN_SECRET=SECRET, DATABASE_URL="postgresql://ada:pass@db/atrium")

    assert result.exit_code == 0
    assert "ATRIUM_HUB_IDLE_CLOSE_S = 60" in result.output
    assert "a page that comes back" in result.output
    assert SECRET not in result.output
    assert "pass@" not in result.output


def test_only_changed_ones_can_be_printed() -> None:
    lines = run("settings", "--changed", "--plain", ATRIUM_GRACE_S="3").output.splitlines()

    assert "ATRIUM_GRACE_S=3" in lines
    assert not [line for line in lines if line.startswith("ATRIUM_PORT")]


def test_a_refused_setting_is_one_sentence() -> None:
    result = run("settings", PORT="many")

    assert result.exit_code == 2
    assert "atrium: PORT='many': a number from 0 to 65535" in result.output
    assert "Traceback" not in result.output


def test_a_token_is_printed_for_this_installation(tmp_path: Path) -> None:
    result = run("token", "--user", "ada", "--role", "admin", "--ttl", "15m", DATA=str(tmp_path))

    assert result.exit_code == 0
    assert result.stdout.count(".") == 2
    assert (tmp_path / "token-secret").exists()


def test_a_secret_that_is_newly_made_is_told_beside_the_token(tmp_path: Path) -> None:
    first, second = (run("token", "--user", "ada", DATA=str(tmp_path / "elsewhere")) for _ in range(2))

    assert f"made a new secret in {tmp_path / 'elsewhere'}" in first.stderr
    assert first.stdout.count("\n") == 1
    assert second.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--role", "king"),
        ("--ttl", "soon"),
        ("--ttl", "-5s"),
        ("--room", "workspace:1"),
        ("--room", "swings", "--role", "member"),
        ("--room", "w:1", "--role", "a", "--role", "b"),
    ],
)
def test_a_token_that_cannot_be_meant_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = run("token", "--user", "ada", *arguments, DATA=str(tmp_path))

    assert result.exit_code == 2
    assert "Error" in result.output


def test_help_says_what_each_command_does() -> None:
    output = run("--help").output

    for command in ("serve", "demo", "token", "new-id", "settings", "migrate", "project"):
        assert command in output


def test_a_fresh_command_id_is_one_that_commands_take() -> None:
    first, second = run("new-id").output.strip(), run("new-id").output.strip()

    assert first != second
    assert abs((time_ms_of(first) or 0) - time.time() * 1000) < 60_000


def test_rows_of_what_is_no_room_are_not_written_again(tmp_path: Path) -> None:
    result = run("project", "--room", "swings", DATA=str(tmp_path))

    assert result.exit_code == 2
    assert "no room's address" in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_loss_that_refusals_speak_of_can_be_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "run", lambda settings: 40 + settings.server.accept_loss)

    assert (run("serve").exit_code, run("serve", "--accept-loss").exit_code) == (40, 41)


@pytest.mark.parametrize("workers", ["0", "2", "16"])
def test_several_workers_are_refused_with_the_reason_until_they_can_work_together(workers: str) -> None:
    result = run("serve", "--workers", workers)

    assert result.exit_code == 2
    assert "broker" in result.output
