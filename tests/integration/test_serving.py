"""The server as a process, and what an operator does beside it."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from domain.log import JournalBroken
from persistence.database import open_database
from persistence.journal.generations import new_epoch
from persistence.journal.postgres_generations import PostgresGenerations
from server import serving
from server.settings import Settings, read_settings
from server.wiring import House, open_house
from tests.support.postgres import until
from tests.support.raw import open_raw
from tests.support.records import proposal, workspace
from tests.support.server import ROOT, ServerProcess, data_folder, free_port, open_server
from tests.support.tokens import actor_of, mint, new_command_id, secret_of


async def atrium(*arguments: str, data: Path, **environ: str) -> tuple[int, str]:
    """Run the command line; its exit code and everything that it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_") and name != "DATABASE_URL"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        *arguments,
        cwd=ROOT,
        env={**clean, "DATA": str(data), "PORT": str(free_port()), **environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), 50)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ServerProcess]:
    with data_folder() as data:
        async with open_server(data) as running:
            yield running


async def new_room(server: ServerProcess, pattern_type: str = "swings") -> str:
    headers = {"Authorization": f"Bearer {mint(secret_of(server.data), 'ada', 'user')}"}
    command = {
        "command_id": new_command_id(),
        "pattern_type": pattern_type,
        "name": "Swings",
        "category": "tests",
        "receipt": "stored",
    }
    async with httpx.AsyncClient(base_url=server.http, headers=headers, trust_env=False) as client:
        return str((await client.post("/commands/workspace.create", json=command)).raise_for_status().json()["room"])


async def test_it_prints_where_it_is_and_ends_cleanly(server: ServerProcess) -> None:
    async with open_raw(server.socket_address, mint(secret_of(server.data), "ada", "user")) as client:
        assert (await client.rpc("room.standing", {"room": await new_room(server)}))["rpc"]["data"]["role"] == "member"

    assert any(server.http.replace("127.0.0.1", "localhost") in line for line in server.lines)
    assert await server.stop() == 0
    assert not (server.data / "postgres" / "postmaster.pid").exists()


async def test_the_printed_link_signs_an_administrator_in(server: ServerProcess) -> None:
    token = next(line for line in server.lines if "#token=" in line).rpartition("#token=")[2]

    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        me = (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).json()

    assert me["is_admin"] is True


async def test_two_people_can_try_it_out_in_two_browsers(server: ServerProcess) -> None:
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        signed_in = (await client.post("/dev/sign-in", json={"name": "Ada Lovelace", "role": "viewer"})).json()
        me = (await client.get("/me", headers={"Authorization": f"Bearer {signed_in['token']}"})).json()
        foreign = await client.post("/dev/sign-in", json={"name": "Ada"}, headers={"Host": "evil.example"})

    assert me["actor"]["name"] == "Ada Lovelace"
    assert me["is_admin"] is False
    assert foreign.status_code == 404


async def test_rights_reach_an_open_connection_within_a_second(server: ServerProcess) -> None:
    root = {"Authorization": f"Bearer {mint(secret_of(server.data), 'root', 'admin')}"}
    room, ada = await new_room(server), f"/users/{actor_of('ada')}"
    async with (
        httpx.AsyncClient(base_url=server.http, headers=root, trust_env=False) as client,
        open_raw(server.socket_address, mint(secret_of(server.data), "ada")) as socket,
    ):

        async def is_admin() -> bool:
            return bool((await socket.rpc("room.standing", {"room": room}))["rpc"]["data"]["role"] == "admin")

        assert not await is_admin()
        given = (await client.post(f"{ada}/roles", json={"role": "admin"})).raise_for_status().json()
        await until(is_admin)

        (await client.delete(f"{ada}/roles/{given['id']}")).raise_for_status()
        await until(lambda: negated(is_admin))

        (await client.patch(ada, json={"status": "suspended"})).raise_for_status()
        assert (await socket.closed())[0] == 3507
        async with open_raw(server.socket_address) as again:
            await again.send({"id": 1, "connect": {"token": mint(secret_of(server.data), "ada")}})
            assert (await again.closed())[0] == 3500


async def negated(condition: Callable[[], Awaitable[bool]]) -> bool:
    return not await condition()


@asynccontextmanager
async def served(dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, "asyncio.Task[int]"]]:
    """A server in this process: its house, and the task that ends with its exit code."""
    houses: list[House] = []

    @asynccontextmanager
    async def noted(settings: Settings) -> AsyncIterator[House]:
        async with open_house(settings) as house:
            houses.append(house)
            yield house

    monkeypatch.setattr(serving, "open_house", noted)
    with tempfile.TemporaryDirectory() as data:
        environ = {"DATABASE_URL": dsn, "DATA": data, "PORT": str(free_port()), "ATRIUM_AUTH_TOKEN_SECRET": "x" * 40}
        listening = asyncio.Event()

        async def beside(address: str, mint_token: object) -> None:
            listening.set()

        serve = asyncio.create_task(serving.serve(read_settings(environ), beside))
        await asyncio.wait_for(listening.wait(), 20)
        yield houses[0], serve


async def test_a_journal_that_breaks_ends_the_process_with_its_own_code(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(dsn, monkeypatch) as (house, serve):
        house.hub.failure = JournalBroken("Input/output error")
        house.hub.failed.set()

        assert await asyncio.wait_for(serve, 20) == serving.BROKEN


async def test_a_server_whose_database_another_one_took_over_ends_and_says_so(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with served(dsn, monkeypatch) as (house, serve), open_database(dsn) as database:
        await PostgresGenerations(database).mint(new_epoch())  # as --accept-loss in another folder does
        await house.storage.journal.append([proposal(workspace("taken over"), 1)])

        assert await asyncio.wait_for(serve, 30) == serving.BROKEN
    assert "Postgres does not follow this server's journal any more" in capsys.readouterr().err


async def test_the_operators_tools_work_beside_a_running_server(server: ServerProcess) -> None:
    room = await new_room(server)

    code, current = await atrium("migrate", "current", data=server.data)
    assert (code, "missing" in current) == (0, False), current
    assert "0001  applied" in current

    code, projected = await atrium("project", "--room", room, "--from", "1", data=server.data)
    assert code == 0, projected
    assert "rows are at offset 1 of 1" in projected

    code, unknown = await atrium("project", "--room", f"{room[:-4]}dead", data=server.data)
    assert (code, "nothing has ever happened" in unknown) == (2, True), unknown

    code, skipped = await atrium("project", "--room", room, "--skip", data=server.data)
    assert (code, "does not stand still" in skipped) == (2, True), skipped

    code, token = await atrium("token", "--user", "ada", "--role", "admin", data=server.data)
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        assert (await client.get("/me", headers={"Authorization": f"Bearer {token.strip()}"})).is_success


async def test_a_second_start_in_the_same_folder_is_told(server: ServerProcess) -> None:
    code, printed = await atrium("serve", data=server.data)

    assert code == 2, printed
    assert "Traceback" not in printed
    assert "already" in printed or "another" in printed.lower()


async def test_a_port_that_is_taken_is_told_before_anything_is_made() -> None:
    with data_folder() as data, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, printed = await atrium("serve", data=data, PORT=str(taken.getsockname()[1]))

        assert (code, list(data.iterdir())) == (2, []), printed
    assert "cannot be listened on" in printed


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/nothing", "ATRIUM_AUTH_TOKEN_SECRET": "x" * 40}, "Postgres does not answer"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/nothing"}, "ATRIUM_AUTH_TOKEN_SECRET"),
        ({"ATRIUM_HOST": "203.0.113.7"}, "cannot be listened on"),
        ({"PORT": "a"}, "PORT='a': a number from 0 to 65535"),
        ({"DATA": "/dev/null"}, "Set DATA"),
        ({"DATA": "/proc"}, "Set DATA"),  # there, and not to be written even by root
    ],
)
async def test_what_the_operator_has_to_put_right_is_one_sentence(environ: dict[str, str], told: str) -> None:
    with data_folder() as data:
        code, printed = await atrium("serve", data=data, **environ)

    assert code == 2, printed
    assert told in printed
    assert "Traceback" not in printed


async def test_a_signal_while_starting_ends_the_start() -> None:
    with data_folder() as data:
        server = ServerProcess(data, {}, ("-m", "server", "serve"))
        await server.start(wait=False)
        await until(lambda: started(data))
        assert await server.stop(signal.SIGTERM) == 0
        assert not any("Traceback" in line for line in server.lines)


async def test_the_demo_acts_in_its_rooms() -> None:
    with data_folder() as data:
        async with open_server(data, command=("-m", "server", "demo", "--rooms", "2", "--speed", "50")) as server:
            token = next(line for line in server.lines if "#token=" in line).rpartition("#token=")[2]
            async with httpx.AsyncClient(
                base_url=server.http, headers={"Authorization": f"Bearer {token}"}, trust_env=False
            ) as client:
                await until(lambda: has_status(client, "beta"), within_s=50)
                acted_in = {item["id"] for item in (await client.get("/workspaces")).json()["items"]}
        linked = {line.rpartition("/#/workspaces/")[2] for line in server.lines if f":{server.port}/#/workspaces/" in line}
        assert linked == acted_in


async def started(data: Path) -> bool:
    return (data / "postgres.lock").exists()


async def has_status(client: httpx.AsyncClient, status: str) -> bool:
    return bool((await client.get("/workspaces", params={"status": status})).json()["items"])
