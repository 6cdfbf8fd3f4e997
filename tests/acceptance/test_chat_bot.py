"""The chat bot, run as its users run it: answering, stopped, killed, started again, replaced, and with the server dying."""

import asyncio
import itertools
import string
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from atrium_bot.models import script, wishes_in

from tests.acceptance.conftest import Mint
from tests.support.clients import Person, Watched, open_person
from tests.support.server import ROOT, ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "We need " + ", ".join(
    f"{number} desk{''.join(pair)}" for number, pair in enumerate(itertools.product(string.ascii_lowercase[:8], repeat=2), 1)
)
"""Its answer has some two hundred words: time enough to do something in the middle of it."""


def answer_to(question: str) -> str:
    return script([question], wishes_in(question))


@asynccontextmanager
async def chat_bot(
    server: ServerProcess, room: str, token: str, state: Path, *options: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python client-examples/bot chat`` in one conversation; killed on leaving, if it is still there."""
    arguments = ["chat", "--server", server.socket_address, "--room", room, "--token", token, "--state", str(state), "--scripted"]
    command = [sys.executable, str(ROOT / "client-examples" / "bot"), *arguments, *options]
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def asked(ada: Person, question: str) -> Watched:
    """Ada starts a conversation, asks something, and watches."""
    room = str((await ada.give("conversation.start"))["room"])
    watched = await ada.watch(room)
    await ada.give("conversation.say", room, text=question)
    return watched


def kinds(watched: Watched) -> list[str]:
    return [message["event"]["type"] for message in watched.events]


def answers(watched: Watched) -> list[dict[str, Any]]:
    added = (message["event"] for message in watched.events if message["event"]["type"] == "message_added")
    return [event for event in added if event["role"] == "assistant"]


def told(watched: Watched) -> str:
    """The text as the watcher has seen it: the pieces of the newest attempt, put together."""
    text, attempt = "", 0
    for piece in watched.pieces:
        if piece["attempt"] > attempt:
            text, attempt = "", piece["attempt"]
        text = text[: piece["position"]] + piece["text"]
    return text


async def test_an_answer_is_seen_while_it_is_told(server: ServerProcess, token: Mint, tmp_path: Path) -> None:
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await asked(ada, "We need 120 desks")
        async with chat_bot(server, watched.room, token("claude", "bot"), tmp_path):
            await watched.until(lambda: "requirements_extracted" in kinds(watched))
        answer = answer_to("We need 120 desks")

    assert [event["text"] for event in answers(watched)] == [answer]
    assert len(watched.pieces) > 3
    assert answer.startswith(told(watched))
    completed = next(message["event"] for message in watched.events if message["event"]["type"] == "turn_completed")
    assert (completed["model"], completed["cost_usd"]) == ("scripted", "0")
    assert completed["latency_ms"] > 0
    assert kinds(watched).index("turn_started") < kinds(watched).index("turn_completed") < kinds(watched).index("message_annotated")


async def test_whoever_stops_an_answer_has_the_next_one_soon(server: ServerProcess, token: Mint, tmp_path: Path) -> None:
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await asked(ada, LONG)
        async with chat_bot(server, watched.room, token("claude", "bot"), tmp_path):
            await watched.until(lambda: len(watched.pieces) > 3)
            started = next(message["id"] for message in watched.events if message["event"]["type"] == "turn_started")
            await ada.give("conversation.stop_turn", watched.room, turn_id=started)
            await watched.until(lambda: "turn_stopped" in kinds(watched))
            stopped = told(watched)
            await ada.give("conversation.say", watched.room, text="only 5 chairs")
            await watched.until(lambda: "turn_completed" in kinds(watched))

    first, second = answers(watched)
    assert first["metadata"] == {"ended": "stopped"}
    assert answer_to(LONG).startswith(first["text"])
    assert first["text"].startswith(stopped)
    assert second["text"].startswith("Noted: 5 chairs.")


async def test_a_bot_that_was_killed_goes_on_behind_its_last_word(server: ServerProcess, token: Mint, tmp_path: Path) -> None:
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await asked(ada, LONG)
        async with chat_bot(server, watched.room, token("claude", "bot"), tmp_path) as first:
            await watched.until(lambda: len(watched.pieces) > 5)
            first.kill()
            await first.wait()
        async with chat_bot(server, watched.room, token("claude", "bot"), tmp_path, "--once") as second:
            await watched.until(lambda: "turn_completed" in kinds(watched))
            assert await asyncio.wait_for(second.wait(), 20.0) == 0

    (answer,) = answers(watched)
    assert (answer["text"], answer["attempt"]) == (answer_to(LONG), 2)
    assert kinds(watched).count("turn_started") == 1
    resumed = next(message["event"] for message in watched.events if message["event"]["type"] == "turn_resumed")
    assert 0 < resumed["position"] < len(answer["text"])


@pytest.mark.slow
async def test_a_spare_takes_over_what_a_silent_bot_has_left(server: ServerProcess, token: Mint, tmp_path: Path) -> None:
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await asked(ada, LONG)
        async with chat_bot(server, watched.room, token("spare", "bot"), tmp_path / "spare", "--spare"):
            async with chat_bot(server, watched.room, token("claude", "bot"), tmp_path / "first") as first:
                await watched.until(lambda: len(watched.pieces) > 5)
                first.kill()
                await first.wait()
            await watched.until(lambda: "turn_completed" in kinds(watched), timeout_s=55.0)

    (answer,) = answers(watched)
    assert answer["text"] == answer_to(LONG)
    turn_events = [kind for kind in kinds(watched) if kind.startswith("turn_")]
    assert turn_events == ["turn_started", "turn_interrupted", "turn_resumed", "turn_completed"]


async def test_a_server_that_dies_in_the_middle_costs_no_word(tmp_path: Path) -> None:
    with data_folder() as data:
        async with open_server(data) as mortal:
            secret = secret_of(data)
            async with open_person(mortal.socket_address, "ada", mint(secret, "ada", "user")) as ada:
                watched = await asked(ada, LONG)
                async with chat_bot(mortal, watched.room, mint(secret, "claude", "bot"), tmp_path):
                    await watched.until(lambda: len(watched.pieces) > 8)
                    await mortal.kill()
                    await mortal.start()
                    await watched.until(lambda: "turn_completed" in kinds(watched), timeout_s=40.0)

    (answer,) = answers(watched)
    assert answer["text"] == answer_to(LONG)
    completed = next(message["event"] for message in watched.events if message["event"]["type"] == "turn_completed")
    assert completed["message_id"] in {message["id"] for message in watched.events}
