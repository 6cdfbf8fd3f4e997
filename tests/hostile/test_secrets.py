"""After a hostile session: what the server has printed and answered holds no secret, and no line that a client has written."""

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.hostile.wire import TEXT, frame, handshake, open_socket, open_wire
from tests.support.postgres import PostgresOfTheRun
from tests.support.raw import open_raw
from tests.support.server import DidNotStart, ServerProcess, data_folder, open_server
from tests.support.tokens import mint, new_command_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "pw-" + secrets.token_hex(12)
TOKEN_SECRET = "ts-" + secrets.token_hex(24)
GUEST_SECRET = "gs-" + secrets.token_hex(24)
FORGED = '\n{"level": "critical", "event": "forged"}\r\x1b[2J\x9b31m\u2028'
"""A line of its own, and orders to the terminal that shows it."""


class Session(NamedTuple):
    """Everything that came out of one server: ``printed`` line by line, and ``told`` to clients; ``secrets`` that were used."""

    printed: list[str]
    told: list[str]
    secrets: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def session(postgres: PostgresOfTheRun) -> AsyncIterator[Session]:
    """A server with a database of its own operator, and everything that is wrong to do to it."""
    async with postgres.database() as dsn:
        environ = {
            "DATABASE_URL": dsn.replace("postgres@", f"postgres:{PASSWORD}@"),
            "ATRIUM_AUTH_TOKEN_SECRET": TOKEN_SECRET,
            "ATRIUM_AUTH_GUEST_SECRET": GUEST_SECRET,
            "ATRIUM_AUTH_TRUST_TOKEN_ROLES": "on",
            "ATRIUM_LOG_LEVEL": "debug",
            "ATRIUM_LOG_REQUESTS": "on",
            "ATRIUM_LOG_FORMAT": "json",
        }
        with data_folder() as data:
            async with open_server(data, environ) as server:
                told: list[str] = []
                used = {"password": PASSWORD, "token secret": TOKEN_SECRET, "guest secret": GUEST_SECRET}
                used |= await _over_http(server, told)
                await _over_the_socket(server, told)
                await _without_its_database(server, dsn, told)
                used |= await _over_http(server, told)
            yield Session(server.lines, told, used)


async def _over_http(server: ServerProcess, told: list[str]) -> dict[str, str]:
    """Good and bad requests; the secrets that were said in them."""
    token = mint(TOKEN_SECRET, "ada", "admin", "user")
    bearer = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.http, trust_env=False, headers=bearer) as client:

        async def ask(method: str, path: str, **options: Any) -> httpx.Response:
            answer = await client.request(method, path, **options)
            told.append(f"{answer.headers} {answer.text}")
            return answer

        made = await ask("POST", "/commands/concept.create", json={"command_id": new_command_id(), "name": "Ring"})
        concept_id = made.json()["room"].partition(":")[2]
        shared = await client.post("/shares", json={"command_id": new_command_id(), "concept_id": concept_id})
        link = str(shared.json()["token"]) if shared.is_success else "no link came of it"
        entered = await client.post("/shares/enter", json={"name": FORGED}, headers={"X-Share-Token": link})
        guest = str(entered.json()["token"]) if entered.is_success else "no guest came in"
        for path in ("/health", "/health/live", "/metrics", "/schema", "/schema/openapi.json", "/me", "/workspaces"):
            await ask("GET", path)
        for path in (f"/me?token={token}", "/x%0a%7b%22level%22%3a%22critical%22%7d", "/%1b%5b2J", "/commands/%0aforged"):
            await ask("GET", path)
        for number in range(3):
            await ask("POST", "/shares/enter", json={}, headers={"X-Share-Token": f"{link[:-1]}{number}"})
        await ask("POST", "/shares", json={"command_id": "x", "concept_id": token, "metadata": {"password": PASSWORD}})
        await ask("POST", "/commands/workspace.post", content=b"[" * 100_000)
        await ask("GET", "/me", headers={"Authorization": f"Bearer {token[:-3]}xxx"})
        await ask("GET", "/me", headers={"X-Forwarded-For": "1.2.3.4, \x1b[31mevil", "User-Agent": "\x1b]0;x\x07"})
    return {"token": token.rpartition(".")[2], "link": link, "guest's token": guest.rpartition(".")[2]}


async def _over_the_socket(server: ServerProcess, told: list[str]) -> None:
    token = mint(TOKEN_SECRET, "ada", "user")
    async with open_raw(server.socket_address, token) as client:
        methods = (f"workspace.post{FORGED}", f"{FORGED}.x", token)
        told += [json.dumps(await client.rpc(method, {"text": FORGED})) for method in methods]
        told.append(json.dumps(await client.ask(subscribe={"channel": f"workspace:{FORGED}"})))
        told.append(json.dumps(await client.ask(history={"channel": f"castle:{token}"})))
    for broken in (FORGED.encode(), b'{"id": 1, "connect": {"token": "' + token[:-2].encode() + b'"}}', b"\xff" * 50):
        async with open_socket(server.port) as wire:
            await wire.send(frame(TEXT, broken))
            told.append(repr(await wire.closed()))
    async with open_wire(server.port) as wire:
        await wire.send(handshake(server.port, {"Origin": "https://evil.example\x1b[31m"}))
        told.append(repr(await wire.answer()) if not await wire.is_dead() else "")


async def _without_its_database(server: ServerProcess, dsn: str, told: list[str]) -> None:
    """Its connections are cut, and new ones do not come in: errors of the driver reach the log."""
    name = dsn.rpartition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(dsn.replace(f"/{name}?", "/postgres?"))
    try:
        await admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
            bearer = {"Authorization": f"Bearer {mint(TOKEN_SECRET, 'nobody knows', 'user')}"}
            for path in ("/health", "/me", "/workspaces", "/metrics"):
                answer = await client.get(path, headers=bearer)
                told.append(f"{answer.headers} {answer.text}")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    finally:
        await admin.close()


async def test_no_secret_was_printed_or_told(session: Session) -> None:
    assert len(session.secrets) == 6
    for name, secret in session.secrets.items():
        assert len(secret) > 20, name
        assert not [line for line in session.printed if secret in line], f"the {name} stands in the log"
        assert not [text for text in session.told if secret in text], f"the {name} was told"


async def test_every_line_of_the_log_is_one_of_the_servers(session: Session) -> None:
    logged = [line for line in session.printed if line.startswith("{")]
    assert len(logged) > 30, "requests, wrong tokens and an absent database were logged"
    for line in session.printed:
        assert line.isprintable(), line
    entries = [json.loads(line) for line in logged]
    assert all({"event", "level", "timestamp"} <= set(entry) for entry in entries)
    assert not [entry for entry in entries if entry["event"] == "forged" or entry["level"] == "critical"]
    assert not [line for line in session.printed if line.startswith(("forged", '{"level": "critical"'))]


async def test_nobody_was_told_of_the_inside(session: Session) -> None:
    for text in session.told:
        for word in ("Traceback", 'File "', "asyncpg", "sqlalchemy", "SELECT ", "/server/", "/site-packages/"):
            assert word not in text, text


async def test_a_database_that_cannot_be_reached_is_told_without_its_password() -> None:
    environ = {"DATABASE_URL": f"postgresql://atrium:{PASSWORD}@127.0.0.1:1/atrium", "ATRIUM_AUTH_TOKEN_SECRET": TOKEN_SECRET}
    with data_folder() as data, pytest.raises(DidNotStart) as ended:
        async with open_server(data, environ):
            pass
    said = str(ended.value)
    assert PASSWORD not in said
    assert TOKEN_SECRET not in said
    assert "Postgres" in said or "database" in said, said
