"""Which execution a run is reported into."""

from collections.abc import Callable
from dataclasses import dataclass

from atrium_bot.ids import fresh_id
from atrium_bot.memory import Left
from atrium_bot.room import Execution, Room

ASKS = {"implementation": "request_implementation", "feedback": "send_feedback", "retry": "retry_execution"}
"""What ``--ask`` gives where nothing waits. The first two are for people: a bot's own token may not be allowed to."""


class NothingToDo(Exception):
    """No execution can be reported into; the message says what to do."""


class AlreadyReported(Exception):
    """This very run stands in the room already, to its end."""


@dataclass(frozen=True)
class Wish:
    """What the command line said: a certain execution, whether to wait for one, what to ask for."""

    execution_id: str = ""
    waits: bool = False
    ask: str = ""
    prompt_file: str = ""


async def choose(
    room: Room, left: Left | None, session: str, wish: Wish, say: Callable[[str], None]
) -> tuple[Execution, int | None]:
    """A running execution, started here if need be, and how many lines of the run are in it already; None where nobody knows.

    Raises ``NothingToDo``, ``AlreadyReported``, ``Refused`` or ``Gone``.
    """
    if left is not None:
        carried_on = await _carry_on(room, left, session, say)
        if carried_on is not None:
            return carried_on, left.lines
    run = await _find(room, wish, say)
    if run.status == "running":
        return run, None
    return await _start(room, run, wish.prompt_file), 0


async def _carry_on(room: Room, left: Left, session: str, say: Callable[[str], None]) -> Execution | None:
    """What an earlier start left running: carried on where it is the same run, else failed cleanly."""
    run = room.executions.get(left.execution_id)
    if run is None or run.status != "running":
        if left.session == session and run is not None and run.status == "completed":
            raise AlreadyReported(f"execution {run.id} holds this run already")
        return None
    if left.session == session:
        say(f"carrying on execution {run.id} behind line {left.lines}")
        return run
    say(f"ending execution {run.id}, whose run is lost")
    fields = {"execution_id": run.id, "error": "The bot was restarted and this run was lost; a new one follows."}
    await room.give("fail_execution", fields, fresh_id("fail"))
    await room.until(lambda: room.executions[run.id].status != "running", timeout_s=30.0)
    return None


async def _find(room: Room, wish: Wish, say: Callable[[str], None]) -> Execution:
    if wish.execution_id:
        return _named(room, wish.execution_id)
    if wish.ask and room.waiting is None and room.running is None:
        await room.give(ASKS[wish.ask], _fields_of(wish.ask, room), fresh_id(wish.ask))
        await room.until(lambda: room.waiting is not None, timeout_s=30.0)
    if wish.waits:
        say("waiting for an execution")
        await room.until(lambda: room.waiting is not None and room.running is None)
    if room.running is not None:
        raise NothingToDo(
            f"execution {room.running.id} is running: carry it on with --execution {room.running.id}, end it in the room, or --wait"
        )
    if room.waiting is None:
        raise NothingToDo("no execution waits in this workspace: ask for one in the room, with --ask implementation, or --wait")
    return room.waiting


def _fields_of(ask: str, room: Room) -> dict[str, str]:
    if ask != "retry":
        return {}
    failed = [run.id for run in room.executions.values() if run.status == "failed"]
    if not failed:
        raise NothingToDo("no failed execution is there to be tried again")
    return {"execution_id": failed[-1]}


def _named(room: Room, execution_id: str) -> Execution:
    run = room.executions.get(execution_id)
    if run is None or run.status not in {"pending", "running"}:
        raise NothingToDo(f"execution {execution_id} is not pending or running in this workspace")
    return run


async def _start(room: Room, run: Execution, prompt_file: str) -> Execution:
    await room.give("start_execution", {"execution_id": run.id, "prompt_file": prompt_file}, fresh_id("start"))
    await room.until(lambda: room.executions[run.id].status != "pending", timeout_s=30.0)
    return room.executions[run.id]
