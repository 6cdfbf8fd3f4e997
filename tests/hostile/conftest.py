"""One server for all of this folder, with shorter times than the product's own, and somebody who is served meanwhile."""

import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.hostile.bystander import Bystander, open_bystander
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, new_command_id, secret_of

GROWTH_MOST_BYTES = 48 * 1024 * 1024
"""What a server may grow by under one attack: its allocator keeps some of what it took, an attack that works takes hundreds."""

TIMES = {
    "ATRIUM_SOCKET_HANDSHAKE_TIMEOUT_S": "1",
    "ATRIUM_SOCKET_REQUEST_TIMEOUT_S": "1",
    "ATRIUM_SOCKET_MESSAGE_TIMEOUT_S": "1",
    "ATRIUM_SOCKET_CLOSE_TIMEOUT_S": "1",
    "ATRIUM_CONNECTION_CONNECT_TIMEOUT_S": "2",
    "ATRIUM_HTTP_REQUESTS_PER_S": "10",
    "ATRIUM_HTTP_REQUEST_BURST": "100",
    "ATRIUM_LOG_FORMAT": "json",
    "ATRIUM_LOG_REQUESTS": "on",
}

Mint = Callable[..., str]
NewRoom = Callable[[], Awaitable[str]]

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[ServerProcess]:
    with data_folder() as data:
        async with open_server(data, TIMES) as running:
            yield running


@pytest.fixture
def token(server: ServerProcess) -> Mint:
    """``token("ada", "user", ttl_s=…)``."""
    secret = secret_of(server.data)
    return lambda user, *roles, **claims: mint(secret, user, *roles, **claims)


async def made_room(server: ServerProcess, token: str) -> str:
    number = next(_numbers)
    command = {"command_id": new_command_id(), "pattern_type": f"hostile-{number}", "name": "Hostile", "category": "tests"}
    async with httpx.AsyncClient(base_url=server.http, trust_env=False) as client:
        answer = await client.post("/commands/workspace.create", json=command, headers={"Authorization": f"Bearer {token}"})
    assert answer.is_success, answer.text
    return str(answer.json()["room"])


@pytest.fixture
def new_room(server: ServerProcess, token: Mint) -> NewRoom:
    """A workspace that no other test knows, made by somebody who has made no other: rates are counted by person."""
    return lambda: made_room(server, token(f"maker-{next(_numbers)}", "user"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def resident(server: ServerProcess) -> AsyncIterator[Bystander]:
    """Posts in a room of their own from the first test of a module that asks for it to the last."""
    secret = secret_of(server.data)
    room = await made_room(server, mint(secret, "resident", "user"))
    async with open_bystander(server, mint(secret, "resident", "user"), room) as posting:
        yield posting


@pytest_asyncio.fixture(loop_scope="session")
async def bystander(resident: Bystander) -> AsyncIterator[Bystander]:
    """Somebody who is served while the test goes on, and after it."""
    async with resident.is_served():
        yield resident


@pytest.fixture
def flat_memory(server: ServerProcess) -> Iterator[None]:
    """The server's memory does not grow by more than a bound; it is looked at until it has sunk below, some seconds at most."""
    before = resident_bytes(server.pid)
    yield
    deadline_s = time.monotonic() + 5.0
    while (grown := resident_bytes(server.pid) - before) > GROWTH_MOST_BYTES and time.monotonic() < deadline_s:
        time.sleep(0.1)
    assert grown <= GROWTH_MOST_BYTES, f"the server grew by {grown / 1024 / 1024:.0f} MiB"


def resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")
