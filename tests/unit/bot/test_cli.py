"""The bot's command line: addresses as people copy them, and sentences where something cannot be meant."""

import argparse
from pathlib import Path

import pytest
from atrium_bot import cli, options


@pytest.mark.parametrize(
    ("server", "socket"),
    [
        ("http://localhost:8000", "ws://localhost:8000/connection/websocket"),
        ("http://localhost:8000/", "ws://localhost:8000/connection/websocket"),
        ("https://example.org/atrium", "wss://example.org/atrium/connection/websocket"),
        ("http://localhost:8000/connection/websocket", "ws://localhost:8000/connection/websocket"),
        ("ws://localhost:8000", "ws://localhost:8000/connection/websocket"),
        ("wss://example.org/elsewhere", "wss://example.org/elsewhere"),
    ],
)
def test_the_address_of_the_page_leads_to_its_socket(server: str, socket: str) -> None:
    assert options.socket_address(server) == socket


@pytest.mark.parametrize("server", ["localhost:8000", "ftp://localhost", "http://", ""])
def test_what_is_no_address_is_told(server: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="http://localhost:8000"):
        options.socket_address(server)


def test_a_recording_that_is_not_there_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["atrium-bot", "--room", "workspace:x", "--replay", str(tmp_path / "none.jsonl")])

    with pytest.raises(SystemExit):
        cli.main()

    assert "none.jsonl cannot be read: No such file" in capsys.readouterr().err
