"""The command line: ``claude -p … --output-format stream-json --verbose | atrium-bot --room workspace:…``."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import islice
from pathlib import Path

from atrium_bot import chat_cli
from atrium_bot.choice import ASKS, AlreadyReported, NothingToDo, Wish, choose
from atrium_bot.claude_lines import Began, facts_of
from atrium_bot.memory import Memory
from atrium_bot.options import add_connection, token_source
from atrium_bot.place import Gone, Refused, open_line
from atrium_bot.reporter import Outcome, Reporter
from atrium_bot.room import Room
from atrium_bot.source import command_lines, file_lines, paced, recorded, standard_input

EXIT_CODES: dict[Outcome, int] = {"completed": 0, "failed": 1, "stopped": 4}
EXIT_NOTHING, EXIT_REFUSED, EXIT_GONE = 3, 4, 5

LINES_BEFORE_INIT = 20
"""Claude's first line says which session it is; warnings may stand before it."""


def main() -> int:
    if sys.argv[1:2] == ["chat"]:
        return chat_cli.main(sys.argv[2:])
    options = _parser().parse_args()
    try:
        return asyncio.run(_run(options))
    except NothingToDo as nothing:
        return _give_up(str(nothing), EXIT_NOTHING)
    except AlreadyReported as done:
        return _give_up(str(done), 0)
    except Refused as refusal:
        return _give_up(f"refused ({refusal.code}): {refusal}", EXIT_REFUSED)
    except Gone as gone:
        return _give_up(f"{gone}; start the bot again to carry on", EXIT_GONE)
    except KeyboardInterrupt:
        return _give_up("interrupted; start the bot again to carry on", 130)


async def _run(options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        lines = await _open_lines(options, stack)
        session, lines = await _peek_session(lines)
        line = await stack.enter_async_context(open_line(options.server, token_source(options)))
        room = await stack.enter_async_context(line.enter(Room, options.room))
        memory = Memory(options.state, options.server, options.room)
        wish = Wish(options.execution, options.wait, options.ask, options.prompt_file)
        execution, reported = await choose(room, memory.recall(), session, wish, _say)
        pace = paced(lines, options.speed, skip=reported or 0) if options.replay else lines
        reporter = Reporter(room, execution, memory, session, reported, _say)
        try:
            outcome = await reporter.report(pace)
        except asyncio.CancelledError:
            if options.command:  # a run that the bot itself started dies with it; a file can be read again
                await reporter.fail("The bot was stopped.")
            raise
        if outcome == "completed" and options.simulate_deploy:
            await reporter.tell(reporter.story.simulated_deploy(options.simulate_deploy))
        if outcome == "stopped":
            ended = room.executions[execution.id]
            _say(f"execution {execution.id} was ended in the room: {ended.error or ended.status}")
        return EXIT_CODES[outcome]


async def _open_lines(options: argparse.Namespace, stack: AsyncExitStack) -> AsyncIterator[str]:
    if options.command:
        lines = await stack.enter_async_context(command_lines(options.command))
    else:
        path = options.replay or options.file
        lines = file_lines(stack.enter_context(path.open("rb")) if path else standard_input())
    return recorded(lines, options.record) if options.record else lines


async def _peek_session(lines: AsyncIterator[str]) -> tuple[str, AsyncIterator[str]]:
    """The run's session id, and all lines from the first one on."""
    seen: list[str] = []
    session = ""
    async for line in lines:
        seen.append(line)
        session = next((fact.session_id for fact in facts_of(line) if isinstance(fact, Began)), "")
        if session or len(seen) == LINES_BEFORE_INIT:
            break

    async def again() -> AsyncIterator[str]:
        for line in islice(seen, len(seen)):
            yield line
        async for line in lines:
            yield line

    return session, again()


def _readable(name: str) -> Path:
    try:
        Path(name).open("rb").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {error.strerror}") from error
    return Path(name)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _give_up(text: str, code: int) -> int:
    _say(f"atrium-bot: {text}")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="atrium-bot",
        description="Shows a Claude Code run to everyone in an Atrium workspace. As a chat bot: atrium-bot chat --help",
    )
    parser.add_argument("--room", required=True, help="the workspace's address: workspace:<uuid>")
    add_connection(parser)
    source = parser.add_argument_group("where the lines come from (default: standard input)").add_mutually_exclusive_group()
    source.add_argument("--file", type=_readable, help="a file of stream-json lines, as fast as they go")
    source.add_argument("--replay", type=_readable, help="a recorded file, at its own pace")
    source.add_argument("--command", nargs=argparse.REMAINDER, help="start this command (must be the last option)")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than recorded; 0 is without pauses")
    parser.add_argument("--record", type=Path, help="also write the lines here, with the time each one came")
    parser.add_argument("--execution", default="", help="report into this execution")
    parser.add_argument("--ask", choices=sorted(ASKS), default="", help="ask for an execution where none waits")
    parser.add_argument("--wait", action="store_true", help="wait until an execution is there to be started")
    parser.add_argument("--prompt-file", default="", help="what to note as the prompt of the execution")
    parser.add_argument("--simulate-deploy", default="", metavar="URL", help="show a made-up deploy to URL behind a completed run")
    return parser
