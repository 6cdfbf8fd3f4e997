"""Which execution a run is reported into: what was left, what was named, what waits, what is asked for."""

import pytest
from atrium_bot.choice import AlreadyReported, NothingToDo, Wish, choose
from atrium_bot.memory import Left
from atrium_bot.room import Execution

from tests.unit.bot.room_double import STARTED_AT, RoomDouble

WAITING = Execution("w", "pending")
RUNNING = Execution("r", "running", STARTED_AT)


def quiet(_: str) -> None:
    pass


async def test_the_waiting_execution_is_started() -> None:
    room = RoomDouble(WAITING)

    run, reported = await choose(room, None, "s1", Wish(prompt_file="prompt.md"), quiet)

    assert (run.id, run.status, run.started_at, reported) == ("w", "running", STARTED_AT, 0)
    assert room.given[0][:2] == ("start_execution", {"execution_id": "w", "prompt_file": "prompt.md"})


async def test_what_the_same_run_left_is_carried_on_behind_its_last_line() -> None:
    run, reported = await choose(RoomDouble(RUNNING), Left("r", "s1", 12), "s1", Wish(), quiet)

    assert (run.id, reported) == ("r", 12)


async def test_what_another_run_left_is_failed_cleanly_first() -> None:
    room = RoomDouble(RUNNING, WAITING)

    run, reported = await choose(room, Left("r", "s1", 12), "s2", Wish(), quiet)

    assert (run.id, reported) == ("w", 0)
    assert room.verbs == ["fail_execution", "start_execution"]


async def test_a_run_that_stands_there_to_its_end_is_not_told_again() -> None:
    with pytest.raises(AlreadyReported):
        await choose(RoomDouble(Execution("r", "completed")), Left("r", "s1", 78), "s1", Wish(), quiet)


async def test_somebody_elses_running_execution_is_not_touched() -> None:
    with pytest.raises(NothingToDo, match="--execution r"):
        await choose(RoomDouble(RUNNING, WAITING), None, "s1", Wish(), quiet)


async def test_a_named_execution_is_carried_on_or_started() -> None:
    assert await choose(RoomDouble(RUNNING), None, "s1", Wish(execution_id="r"), quiet) == (RUNNING, None)
    assert (await choose(RoomDouble(WAITING), None, "s1", Wish(execution_id="w"), quiet))[0].status == "running"
    with pytest.raises(NothingToDo, match="not pending or running"):
        await choose(RoomDouble(), None, "s1", Wish(execution_id="x"), quiet)


@pytest.mark.parametrize(("ask", "run"), [("implementation", "asked"), ("feedback", "asked"), ("retry", "again")])
async def test_where_nothing_waits_one_is_asked_for(ask: str, run: str) -> None:
    room = RoomDouble(Execution("f", "failed"))

    assert (await choose(room, None, "s1", Wish(ask=ask), quiet))[0].id == run


async def test_nothing_failed_is_nothing_to_retry() -> None:
    with pytest.raises(NothingToDo, match="failed"):
        await choose(RoomDouble(), None, "s1", Wish(ask="retry"), quiet)


async def test_with_nothing_to_do_it_says_how_to_get_something() -> None:
    with pytest.raises(NothingToDo, match="--ask implementation"):
        await choose(RoomDouble(), None, "s1", Wish(), quiet)
