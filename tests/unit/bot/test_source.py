"""Where lines come from, and at which pace."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from atrium_bot.source import CommandFailed, command_lines, file_lines, paced, recorded


async def lines_of(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


async def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"one\ntwo\xff\nthree")

    with path.open("rb") as file:
        assert [line async for line in file_lines(file)] == ["one\n", "two\N{REPLACEMENT CHARACTER}\n", "three"]


async def test_a_commands_output_is_read_and_its_failure_told() -> None:
    async with command_lines(["sh", "-c", "echo one; echo two; exit 3"]) as lines:
        assert [await anext(lines), await anext(lines)] == ["one\n", "two\n"]
        with pytest.raises(CommandFailed, match="exit code 3"):
            await anext(lines)


async def test_leaving_ends_a_command_that_still_runs() -> None:
    async with asyncio.timeout(10):
        async with command_lines(["sh", "-c", "echo one; exec sleep 600"]) as lines:
            assert await anext(lines) == "one\n"


async def test_a_replay_waits_as_long_as_recorded_divided_by_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(pause_s: float) -> None:
        pauses.append(pause_s)

    monkeypatch.setattr("atrium_bot.source.asyncio.sleep", note)
    stamped = [json.dumps({"timestamp": f"2025-11-18T09:{minute:02}:00Z"}) for minute in (0, 0, 20)]

    assert [line async for line in paced(lines_of(*stamped, "no time"), speed=10.0)] == [*stamped, "no time"]
    assert pauses == [0.0, 3.0, 0.1]


async def test_a_recording_keeps_every_line_and_adds_the_time(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"

    kept = [line async for line in recorded(lines_of('{"type": "user"}\n', "warning\n"), path)]

    assert kept == ['{"type": "user"}\n', "warning\n"]
    first, second = path.read_text().splitlines()
    assert json.loads(first)["type"] == "user" and json.loads(first)["timestamp"]
    assert second == "warning"
