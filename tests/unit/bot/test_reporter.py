"""Lines into commands: in order, under ids that repeat, carried on after a death, ended when the room ends it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from atrium_bot.memory import Left, Memory
from atrium_bot.reporter import Reporter
from atrium_bot.room import Execution
from atrium_bot.source import CommandFailed

from tests.unit.bot.room_double import STARTED_AT, RoomDouble
from tests.unit.bot.test_story import SAMPLE

RUN = Execution("r", "running", STARTED_AT)
LINES = SAMPLE.read_text("utf-8").splitlines()


async def told(lines: list[str], fails: str = "") -> AsyncIterator[str]:
    for line in lines:
        yield line
    if fails:
        raise CommandFailed(fails)


def reporter_of(room: RoomDouble, memory: Memory, reported: int | None = 0) -> Reporter:
    return Reporter(room, RUN, memory, "s1", reported, lambda _: None)


def durable(room: RoomDouble) -> list[tuple[str, str]]:
    return [(verb, command_id) for verb, _, command_id in room.given if verb != "report_progress"]


async def test_a_run_is_told_to_its_end_and_forgotten(tmp_path: Path) -> None:
    room, memory = RoomDouble(RUN), Memory(tmp_path, "ws://x", "room")

    outcome = await reporter_of(room, memory).report(told(LINES))

    assert outcome == "completed"
    assert room.verbs[-1] == "complete_execution"
    assert memory.recall() is None


async def test_a_second_start_gives_what_is_missing_under_the_same_ids(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "ws://x", "room")
    whole, first, second = RoomDouble(RUN), RoomDouble(RUN), RoomDouble(RUN)
    await reporter_of(whole, Memory(tmp_path, "ws://y", "room")).report(told(LINES))

    told_all = asyncio.Event()
    dying = asyncio.create_task(reporter_of(first, memory).report(stalled(LINES[:40], told_all)))
    await told_all.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    left = memory.recall()
    assert left == Left("r", "s1", 40)
    await reporter_of(second, memory, left.lines).report(told(LINES))

    assert durable(first) + durable(second) == durable(whole)


async def stalled(lines: list[str], told_all: asyncio.Event) -> AsyncIterator[str]:
    """Says when every line was taken, and then nothing more."""
    for line in lines:
        yield line
    told_all.set()
    await asyncio.Event().wait()


async def test_lines_that_stop_without_a_result_fail_the_execution(tmp_path: Path) -> None:
    room = RoomDouble(RUN)

    outcome = await reporter_of(room, Memory(tmp_path, "ws://x", "room")).report(told(LINES[:10]))

    assert outcome == "failed"
    assert room.given[-1][:2] == ("fail_execution", {"execution_id": "r", "error": "Claude's output ended without a result"})


async def test_a_command_that_fails_says_so_in_the_room(tmp_path: Path) -> None:
    room = RoomDouble(RUN)

    await reporter_of(room, Memory(tmp_path, "ws://x", "room")).report(told(LINES[:10], fails="claude ended with exit code 2"))

    assert room.executions["r"].error == "claude ended with exit code 2"


async def test_when_the_room_ends_the_execution_the_bot_stops_at_once(tmp_path: Path) -> None:
    room = RoomDouble(RUN)
    told_all = asyncio.Event()
    report = asyncio.create_task(reporter_of(room, Memory(tmp_path, "ws://x", "room")).report(stalled(LINES[:20], told_all)))
    await told_all.wait()

    room.happens("claude_failed", execution_id="r", error="stopped by Ada")

    assert await asyncio.wait_for(report, 5.0) == "stopped"


async def test_a_refused_step_is_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    room = RoomDouble(RUN, refuses={"add_checkpoint": 107})

    assert await reporter_of(room, Memory(tmp_path, "ws://x", "room")).report(told(LINES)) == "completed"


async def test_a_busy_room_that_has_forgotten_gets_new_steps_under_fresh_ids(tmp_path: Path) -> None:
    room = RoomDouble(RUN, refuses={"advance_phase": 418})

    await reporter_of(room, Memory(tmp_path, "ws://x", "room"), reported=18).report(told(LINES))

    ids = [command_id for verb, _, command_id in room.given if verb == "advance_phase"]
    assert len(ids) == len(set(ids))
    assert len(ids) % 2 == 0


@pytest.mark.parametrize(("reported", "lines"), [(0, 1), (None, 78)], ids=["the first line behind a death", "nobody knows"])
async def test_a_step_that_may_have_been_given_is_never_given_under_another_id(
    reported: int | None, lines: int, tmp_path: Path
) -> None:
    room = RoomDouble(RUN, refuses={"advance_phase": 418})

    await reporter_of(room, Memory(tmp_path, "ws://x", "room"), reported).report(told(LINES[:lines]))

    phases = [fields["phase"] for verb, fields, _ in room.given if verb == "advance_phase"]
    assert len(phases) == len({command_id for verb, _, command_id in room.given if verb == "advance_phase"})
    assert len(phases) == (1 if lines == 1 else 8)


async def test_an_end_that_is_refused_is_no_success(tmp_path: Path) -> None:
    room = RoomDouble(RUN, refuses={"complete_execution": 410})

    assert await reporter_of(room, Memory(tmp_path, "ws://x", "room")).report(told(LINES)) == "stopped"


def test_a_broken_memory_is_no_memory(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "ws://x", "room")
    memory.keep(Left("r", "s1", 3))
    (tmp_path / next(tmp_path.iterdir()).name).write_text("{")

    assert memory.recall() is None
