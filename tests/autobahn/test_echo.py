"""The echo in itself, so that it works on the day when somebody has a Python 2.7; and how the suite's words are read."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from server.socket.transport import PROTOCOL_ERROR
from tests.autobahn.echo import INVALID_TEXT, open_echo
from tests.autobahn.suite import BrokenOff, NoPython, find_python, outcome
from tests.hostile.wire import RSV1, TEXT, frame, open_socket

BYTES = random.Random(1).randbytes(200_000)
MESSAGES = {"nothing": "", "few": "ä€🎁", "many": BYTES.hex(), "no bytes": b"", "bytes": BYTES}


@asynccontextmanager
async def connected(compression: str | None) -> AsyncIterator[ClientConnection]:
    async with open_echo() as url, connect(url, compression=compression) as client:
        yield client


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_what_is_said_comes_back_as_it_was(name: str, compression: str | None) -> None:
    async with connected(compression) as client:
        assert bool(client.protocol.extensions) is (compression is not None)
        await client.send(MESSAGES[name])

        assert await client.recv() == MESSAGES[name]


@pytest.mark.parametrize(
    ("broken", "code"), [(frame(TEXT, b"\xff"), INVALID_TEXT), (frame(TEXT, b"x", rsv=RSV1), PROTOCOL_ERROR)], ids=["text", "bit"]
)
async def test_what_breaks_the_rules_ends_with_the_code_of_the_rfc(broken: bytes, code: int) -> None:
    async with open_echo() as url, open_socket(urlsplit(url).port or 0) as wire:
        await wire.send(broken)

        assert (await wire.closed()).code == code


def test_a_case_is_wrong_by_what_was_said_or_by_how_it_was_closed() -> None:
    cases = {
        "1.1.10": {"behavior": "FAILED", "behaviorClose": "OK", "duration": 1},
        "1.1.2": {"behavior": "OK", "behaviorClose": "WRONG CODE"},
        "6.4.1": {"behavior": "NON-STRICT", "behaviorClose": "OK"},
    }

    read = outcome(msgspec.json.encode({"Atrium": cases}))

    assert read.wrong == ["1.1.2", "1.1.10"]
    assert str(read) == "3 cases: 1 FAILED, 1 NON-STRICT, 1 OK; wrong: 1.1.2, 1.1.10"


@pytest.mark.parametrize(("index", "at_least"), [(b"{}", 1), (b'{"Atrium": {}}', 1), (b'{"Atrium": {"1.1.1": {}}}', 2)])
def test_a_suite_that_broke_off_has_no_outcome(index: bytes, at_least: int) -> None:
    case = b'{"behavior": "OK", "behaviorClose": "OK"}'

    with pytest.raises(BrokenOff, match="cases were run"):
        outcome(index.replace(b'"1.1.1": {}', b'"1.1.1": ' + case), at_least)


def test_a_python_that_is_not_there_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHON2", str(tmp_path / "python2.7"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    with pytest.raises(NoPython, match=r"no Python 2\.7"):
        find_python()
