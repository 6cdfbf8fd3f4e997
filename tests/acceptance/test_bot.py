"""The bot, run as its users run it: a whole recorded run into a room, killed in the middle and started again."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.acceptance.conftest import Mint, NewRoom
from tests.support.clients import Person, Watched, open_person
from tests.support.proxy import open_proxy
from tests.support.server import ROOT, ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAMPLE = ROOT / "client-examples" / "bot" / "samples" / "swings.jsonl"


class Bot:
    """``python client-examples/bot`` on one room, with a state folder of its own."""

    def __init__(self, server: ServerProcess, room: str, token: str, state: Path, address: str = "") -> None:
        self._arguments = ["--server", address or server.socket_address, "--room", room, "--token", token, "--state", str(state)]

    async def start(self, *options: str) -> asyncio.subprocess.Process:
        command = [sys.executable, str(ROOT / "client-examples" / "bot"), *self._arguments, *options]
        return await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)

    async def run(self, *options: str) -> tuple[int, str]:
        """Exit code and everything it said."""
        process = await self.start(*options)
        async with asyncio.timeout(60):
            _, said = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()


async def ask_for_one(ada: Person, room: str) -> Watched:
    """Somebody asks for the implementation and watches."""
    watched = await ada.watch(room)
    await ada.give("workspace.request_implementation", room)
    return watched


def kinds(watched: Watched) -> list[str]:
    return [message["event"]["type"] for message in watched.events]


def checkpoints(watched: Watched) -> list[str]:
    return [message["event"]["title"] for message in watched.events if message["event"]["type"] == "claude_checkpoint"]


async def rows(server: ServerProcess, query: str, *arguments: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={server.data / 'postgres'}")
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def test_a_recorded_run_is_told_from_the_start_to_the_commit(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    room = await new_room()
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        code, said = await Bot(server, room, token("claude", "bot"), tmp_path).run("--replay", str(SAMPLE), "--speed", "0")
        await watched.until(lambda: "claude_completed" in kinds(watched))
        await ada.give("workspace.post", room, text="looks right", receipt="stored")

    assert code == 0, said
    assert "refused" not in said
    assert kinds(watched).count("claude_started") == 1
    assert {"deploy_started", "deploy_building", "deploy_success"} <= set(kinds(watched))
    (run,) = await rows(server, "SELECT * FROM claude_executions WHERE workspace_id = $1", room.partition(":")[2])
    assert (run["status"], run["progress"], run["commit_hash"]) == ("completed", 100, "4f2c9be")
    assert run["commit_message"].startswith("Detect swing points with a configurable lookback\n\nEqual highs")
    assert "src/detectors/swings.py" in run["files_changed"]
    assert run["deploy_status"] == "ready"
    messages = await rows(server, "SELECT type FROM workspace_messages WHERE workspace_id = $1", room.partition(":")[2])
    assert len(messages) == len(watched.view["messages"]) + len(watched.events)


async def test_a_bot_that_was_killed_carries_on_where_it_stopped(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    room = await new_room()
    bot = Bot(server, room, token("claude", "bot"), tmp_path)
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        process = await bot.start("--replay", str(SAMPLE), "--speed", "100")
        await watched.until(lambda: "Write the swing point detector" in checkpoints(watched))
        process.kill()
        await process.wait()
        seen = len(checkpoints(watched))
        code, said = await bot.run("--replay", str(SAMPLE), "--speed", "0")
        await watched.until(lambda: "claude_completed" in kinds(watched))

    assert code == 0, said
    assert "carrying on" in said
    assert 0 < seen < len(checkpoints(watched))
    assert kinds(watched).count("claude_started") == 1
    assert len(checkpoints(watched)) == len({*checkpoints(watched)}) + 1  # the whole suite was green twice, as recorded


async def test_cuts_in_the_middle_cost_nothing(server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path) -> None:
    room = await new_room()
    async with open_proxy(server.port) as proxy, open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        address = f"ws://127.0.0.1:{proxy.port}/connection/websocket"
        bot = Bot(server, room, token("claude", "bot"), tmp_path, address)
        running = asyncio.create_task(bot.run("--replay", str(SAMPLE), "--speed", "50"))
        for so_many in (1, 3, 6):
            await watched.until(lambda so_many=so_many: len(checkpoints(watched)) >= so_many)
            proxy.reset()
        code, said = await running
        await watched.until(lambda: "claude_completed" in kinds(watched))

    assert code == 0, said
    assert proxy.accepted == 4
    assert len(checkpoints(watched)) == len({*checkpoints(watched)}) + 1
    assert kinds(watched).count("deploy_success") == 1


async def test_without_its_memory_a_named_execution_is_told_again_and_nothing_happens_twice(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    room = await new_room()
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        process = await Bot(server, room, token("claude", "bot"), tmp_path / "first").start(
            "--replay", str(SAMPLE), "--speed", "100"
        )
        await watched.until(lambda: len(checkpoints(watched)) >= 3)
        process.kill()
        await process.wait()
        started = next(message["event"] for message in watched.events if message["event"]["type"] == "claude_started")
        other = Bot(server, room, token("claude", "bot"), tmp_path / "second")
        puzzled, advice = await other.run("--replay", str(SAMPLE), "--speed", "0")
        code, said = await other.run("--replay", str(SAMPLE), "--speed", "0", "--execution", started["execution_id"])
        await watched.until(lambda: "claude_completed" in kinds(watched))

    assert puzzled == 3
    assert f"--execution {started['execution_id']}" in advice
    assert code == 0, said
    assert len(checkpoints(watched)) == len({*checkpoints(watched)}) + 1
    assert kinds(watched).count("claude_phase_update") == len(phase_rounds(watched))


def phase_rounds(watched: Watched) -> set[tuple[str, int, str]]:
    events = [message["event"] for message in watched.events if message["event"]["type"] == "claude_phase_update"]
    return {(event["phase"], event["round"], event.get("note", "")) for event in events}


async def test_a_run_that_is_lost_fails_cleanly_before_the_next_one(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    room = await new_room()
    other_run = tmp_path / "other.jsonl"
    other_run.write_text(SAMPLE.read_text().replace("5b1e3c0a-7c1f-4d52-9a40-2f6f0e8b7d11", "another-session"))
    bot = Bot(server, room, token("claude", "bot"), tmp_path / "state")
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        process = await bot.start("--replay", str(SAMPLE), "--speed", "100")
        await watched.until(lambda: len(checkpoints(watched)) >= 1)
        process.kill()
        await process.wait()
        code, said = await bot.run("--replay", str(other_run), "--speed", "0", "--ask", "retry")
        await watched.until(lambda: "claude_completed" in kinds(watched))

    assert code == 0, said
    assert [kind for kind in kinds(watched) if kind in {"claude_started", "claude_failed", "claude_retry", "claude_completed"}] == [
        "claude_started",
        "claude_failed",
        "claude_retry",
        "claude_started",
        "claude_completed",
    ]


async def test_a_bot_without_an_execution_says_what_to_do(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    code, said = await Bot(server, await new_room(), token("claude", "bot"), tmp_path).run("--replay", str(SAMPLE))

    assert code == 3
    assert "--ask implementation" in said


async def test_somebody_who_stops_the_execution_stops_the_command_behind_it(
    server: ServerProcess, token: Mint, new_room: NewRoom, tmp_path: Path
) -> None:
    room = await new_room()
    first_lines = tmp_path / "lines.jsonl"
    first_lines.write_text("".join(line + "\n" for line in SAMPLE.read_text().splitlines()[:45]))
    bot = Bot(server, room, token("claude", "bot"), tmp_path / "state")
    async with open_person(server.socket_address, "ada", token("ada", "user")) as ada:
        watched = await ask_for_one(ada, room)
        running = asyncio.create_task(bot.run("--command", "sh", "-c", f"cat {first_lines}; exec sleep 600"))
        await watched.until(lambda: len(checkpoints(watched)) >= 2)
        started = next(message["event"] for message in watched.events if message["event"]["type"] == "claude_started")
        await ada.give("workspace.fail_execution", room, execution_id=started["execution_id"], error="wrong branch")
        code, said = await running

    assert code == 4
    assert "wrong branch" in said
