"""The command line of the chat bot: ``atrium-bot chat --room conversation:…``."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from atrium_bot.answerer import Answerer, Habits, stay
from atrium_bot.claude_model import DEFAULT_MODEL, Prices, claude_from_environment
from atrium_bot.conversation import Conversation
from atrium_bot.memory import ChatMemory
from atrium_bot.models import Model, ModelFailed, ScriptedModel
from atrium_bot.options import add_connection, token_source
from atrium_bot.place import Gone, open_line

EXIT_NO_MODEL, EXIT_GONE, EXIT_INTERRUPTED = 3, 5, 130


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options, _model_of(options)))
    except ModelFailed as failure:
        return _give_up(str(failure), EXIT_NO_MODEL)
    except Gone as gone:
        return _give_up(f"{gone}; start the bot again to carry on", EXIT_GONE)
    except KeyboardInterrupt:
        return _give_up("interrupted; start the bot again to carry on", EXIT_INTERRUPTED)


async def _run(options: argparse.Namespace, model: Model) -> int:
    habits = Habits(is_spare=options.spare, is_brief=options.once)
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(open_line(options.server, token_source(options)))
        rooms = [await stack.enter_async_context(line.enter(Conversation, room)) for room in dict.fromkeys(options.room)]
        answerers = [
            Answerer(room, model, ChatMemory(options.state, options.server, room.address), line.actor_id, _say, habits)
            for room in rooms
        ]
        _say(f"answering in {len(rooms)} conversation{'s' if len(rooms) > 1 else ''} as {line.actor_id}")
        stayed = await asyncio.gather(*(stay(answerer, _say) for answerer in answerers))
    return 0 if all(stayed) else EXIT_GONE


def _model_of(options: argparse.Namespace) -> Model:
    """Claude where there is a key for it, else the scripted one."""
    if options.scripted or not os.environ.get("ANTHROPIC_API_KEY"):
        return ScriptedModel()
    return claude_from_environment(options.model, options.prices)


def _prices(text: str) -> Prices:
    try:
        tokens_in, tokens_out = text.split(",")
        return Prices(tokens_in, tokens_out)
    except (ValueError, ArithmeticError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not two prices: 3,15 for dollars per million tokens in and out") from error


def _conversation(address: str) -> str:
    if not address.startswith("conversation:"):
        raise argparse.ArgumentTypeError(f"{address!r} is no conversation: conversation:<uuid>")
    return address


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _give_up(text: str, code: int) -> int:
    _say(f"atrium-bot: {text}")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="atrium-bot chat",
        description="Answers in Atrium conversations: with Claude where ANTHROPIC_API_KEY is set, else with a script.",
    )
    parser.add_argument(
        "--room", required=True, action="append", type=_conversation, help="a conversation's address; may be given several times"
    )
    add_connection(parser)
    parser.add_argument("--model", default=os.environ.get("ANTHROPIC_MODEL", DEFAULT_MODEL), help="default: %(default)s")
    parser.add_argument("--prices", type=_prices, metavar="IN,OUT", help="dollars per million tokens, to note what answers cost")
    parser.add_argument("--scripted", action="store_true", help="answer by rules, also where there is a key")
    parser.add_argument("--spare", action="store_true", help="only take over what a bot that fell silent has begun")
    parser.add_argument("--once", action="store_true", help="answer what is asked by now, and leave")
    return parser
