"""Before anybody is known: heads that never end, connections that say nothing, too many of them, pages of others."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.hostile.bystander import Bystander
from tests.hostile.conftest import Mint
from tests.hostile.wire import PATH, TEXT, Wire, frame, handshake, open_socket, open_wire
from tests.support.raw import open_raw
from tests.support.server import ServerProcess, data_folder, open_server
from tests.support.tokens import mint, secret_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("flat_memory")]

HEAD = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /shares/enter HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
LONGEST_S = 6.0
"""Within which the server has to have cut whoever is late; its own limits are 1 s here, the machine is shared."""


async def drip(server: ServerProcess, first: bytes, more: bytes = b"x", pause_s: float = 0.1) -> float:
    """Send ``first``, then ``more`` again and again until the server cuts it; how long that took."""
    async with open_wire(server.port) as wire:
        began_s = time.monotonic()
        await wire.send(first)
        ended = asyncio.create_task(wire.is_dead())
        while not ended.done() and time.monotonic() - began_s < LONGEST_S:
            try:
                await wire.send(more)
            except ConnectionError:
                break
            await asyncio.sleep(pause_s)
        assert await ended, "the server goes on listening"
        return time.monotonic() - began_s


@pytest.mark.parametrize(
    "first,more",
    [
        (b"", b"\r\n"),
        (b"G", b""),
        (HEAD + b"X-Slow: ", b"x"),
        (HEAD, b"a: b\r\n"),
        (handshake(1)[:-2], b"a: b\r\n"),
        (POST, b" "),
        (HEAD + b"\r\n" + HEAD + b"X-Slow: ", b"x"),
        (HEAD + b"\r\n", b"\r\n"),
    ],
    ids=["nothing", "a letter", "a header", "headers", "a handshake", "a body", "a second head", "empty lines behind a request"],
)
async def test_what_comes_too_slowly_is_cut(first: bytes, more: bytes, server: ServerProcess, bystander: Bystander) -> None:
    assert await drip(server, first, more) < LONGEST_S


@pytest.mark.parametrize(
    "first,more",
    [
        (HEAD + b"X-Long: ", b"x" * 65_536),
        (HEAD, b"a: b\r\n" * 10_000),
        (HEAD + b"\r\n" + HEAD, b"a: b\r\n" * 10_000),
        (b"GET /" + b"x" * 40_000, b"x" * 65_536),
        (HEAD + b"X-Long: " + b"x" * 33_000 + b"\r\n\r\n", b""),
        (HEAD + b"a: b\r\n" * 20_000 + b"\r\n", b""),
    ],
    ids=[
        "an endless header",
        "endless headers",
        "endless headers of a second request",
        "an endless address",
        "a header that is too long",
        "too many headers",
    ],
)
async def test_a_head_has_a_size(first: bytes, more: bytes, server: ServerProcess, bystander: Bystander) -> None:
    async with open_wire(server.port) as wire:
        await wire.send(first + more)
        if (answer := await wire.answer()).status == 200:
            await wire.send(more)
            answer = await wire.answer()
        assert answer.status == 431, answer
        refused_at_s = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - refused_at_s < LONGEST_S:
                await wire.send(more or b"x")
        assert time.monotonic() - refused_at_s < LONGEST_S, "the server goes on listening"


async def test_connections_that_say_nothing_are_cut_and_others_come_in(server: ServerProcess, bystander: Bystander) -> None:
    async with AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(open_wire(server.port)) for _ in range(300)]
        async with open_socket(server.port):
            pass
        assert all(await asyncio.gather(*(wire.is_dead() for wire in idle)))


async def test_a_socket_without_a_connect_is_ended(server: ServerProcess, bystander: Bystander) -> None:
    async with open_socket(server.port) as wire:
        assert (await wire.closed()).code == 3502


@pytest.mark.parametrize(
    "origin,status",
    [
        ("", 101),
        ("http://127.0.0.1:{port}", 101),
        ("https://evil.example", 403),
        ("http://127.0.0.1:{port}.evil.example", 403),
        ("http://evil.example#127.0.0.1:{port}", 403),
        ("http://127.0.0.1:{port}@evil.example", 403),
        ("http://127.0.0.1:1", 403),
        ("null", 403),
        ("file://", 403),
        ("*", 403),
    ],
)
async def test_pages_of_others_do_not_connect(origin: str, status: int, server: ServerProcess) -> None:
    async with open_wire(server.port) as wire:
        await wire.send(handshake(server.port, {"Origin": origin.format(port=server.port)}))
        assert (await wire.answer()).status == status


@pytest.mark.parametrize(
    "headers,path,status",
    [
        ({"Sec-WebSocket-Key": ""}, PATH, {400}),
        ({"Sec-WebSocket-Key": "short"}, PATH, {400}),
        ({"Sec-WebSocket-Version": "8"}, PATH, {400, 426}),
        ({"Upgrade": "h2c"}, PATH, {400, 404, 405}),
        ({}, "/connection/nothing", {403, 404}),
        ({}, "/%00", {400, 403, 404}),
    ],
    ids=["no key", "a short key", "another version", "another upgrade", "nothing there", "NUL"],
)
async def test_what_is_no_handshake_is_refused(
    headers: dict[str, str], path: str, status: set[int], server: ServerProcess, bystander: Bystander
) -> None:
    async with open_wire(server.port) as wire:
        await wire.send(handshake(server.port, headers, path))
        assert (await wire.answer()).status in status


async def test_what_comes_before_the_answer_to_the_handshake_is_not_taken_for_a_message(server: ServerProcess, token: Mint) -> None:
    # RFC 6455, 4.1: a client waits for the answer; what does not, is a proxy that was tricked
    connect = b'{"id": 1, "connect": {"token": "' + token("ada", "user").encode() + b'"}}'
    async with open_wire(server.port) as wire:
        await wire.send(handshake(server.port) + frame(TEXT, connect))
        assert (await wire.answer()).status == 101
        assert (await wire.closed()).code == 3502


LIMITS = {
    "ATRIUM_SOCKET_REQUESTS_PER_ADDRESS": "20",
    "ATRIUM_SOCKET_CONNECTIONS_PER_ADDRESS": "15",
    "ATRIUM_SOCKET_CONNECTIONS": "30",
    "ATRIUM_SOCKET_HANDSHAKE_TIMEOUT_S": "60",
    "ATRIUM_CONNECTION_USER_CONNECTIONS": "3",
    "ATRIUM_CONNECTION_CONNECT_TIMEOUT_S": "60",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(server: ServerProcess) -> AsyncIterator[ServerProcess]:
    """A server with little room, which gives time to fill it."""
    with data_folder() as data:
        async with open_server(data, LIMITS) as running:
            yield running


async def let_in(server: ServerProcess, wire: Wire) -> int:
    await wire.send(handshake(server.port))
    return (await wire.answer()).status


async def until_let_in(server: ServerProcess) -> None:
    """Those that were cut are forgotten, a moment later; there is room again."""
    async with asyncio.timeout(20):
        while True:
            async with open_wire(server.port) as wire:
                try:
                    if await let_in(server, wire) == 101:
                        return
                except (asyncio.IncompleteReadError, ConnectionError):
                    await asyncio.sleep(0.01)


async def test_one_address_has_so_many_sockets_and_then_no_more(small: ServerProcess) -> None:
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(open_wire(small.port)) for _ in range(16)]
        answers = [await let_in(small, wire) for wire in wires]
    assert answers == [101] * 15 + [429]
    await until_let_in(small)


async def test_one_person_has_so_many_connections_and_then_no_more(small: ServerProcess) -> None:
    secret = secret_of(small.data)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(open_raw(small.socket_address, mint(secret, "crowd", "user")))
        async with open_raw(small.socket_address) as one_more:
            await one_more.send({"id": 1, "connect": {"token": mint(secret, "crowd", "user")}})
            assert (await one_more.closed())[0] == 3504
        async with open_raw(small.socket_address, mint(secret, "somebody else", "user")):
            pass
    await until_let_in(small)


async def test_one_address_has_so_many_connections_that_have_asked_for_nothing(small: ServerProcess) -> None:
    async with AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(open_wire(small.port)) for _ in range(20)]
        async with open_wire(small.port) as one_more:
            assert await one_more.is_dead()
        assert await let_in(small, idle[0]) == 101
    await until_let_in(small)


async def test_the_process_keeps_some_files_for_itself(small: ServerProcess) -> None:
    async with AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(open_wire(small.port)) for _ in range(15)]
        for wire in idle:
            assert await let_in(small, wire) == 101
        # 15 sockets are there; of 20 connections that ask for nothing 15 find room
        more = [await stack.enter_async_context(open_wire(small.port)) for _ in range(20)]
        ends = [asyncio.create_task(wire.is_dead()) for wire in more]
        async with asyncio.timeout(20):
            for done in asyncio.as_completed(ends[-5:]):
                assert await done
        assert not any(end.done() for end in ends[:15])
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        await idle[0].send(frame(TEXT, b"no JSON"))
        assert (await idle[0].closed()).code == 3501, "those who are in are served"
    await until_let_in(small)
