"""The proxy makes the trouble that it says, and none besides."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.proxy import Weather, open_proxy


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_in_clear_weather_bytes_pass_as_they_are(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x" * 200_000)

        assert await reader.readexactly(200_000) == b"x" * 200_000
        writer.close()


async def test_a_cut_comes_after_exactly_so_many_bytes(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        proxy.weather = Weather(cut_after_bytes=5)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"0123456789")

        got = b""
        with pytest.raises(ConnectionResetError):
            while data := await reader.read(100):
                got += data
        assert b"01234".startswith(got)  # a reset may overtake what was on its way, it never brings more
        writer.close()


async def test_a_reset_ends_open_connections(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"

        proxy.reset()

        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()


async def test_a_black_hole_says_nothing(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        proxy.weather = Weather(black_hole=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        writer.close()


async def test_a_cut_counts_from_when_it_was_set_however_much_has_passed(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x" * 200_000)
        await reader.readexactly(200_000)

        proxy.weather = Weather(cut_after_bytes=5)
        writer.write(b"0123456789")

        got = b""
        with pytest.raises(ConnectionResetError):
            while data := await reader.read(100):
                got += data
        assert b"01234".startswith(got)
        writer.close()


async def test_the_end_of_a_proxy_resets_what_is_open_and_nobody_complains(echo_port: int) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with open_proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"

    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()
    assert complaints == []


async def test_one_line_is_reset_and_the_others_stay(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        cut, other = [await asyncio.open_connection("127.0.0.1", proxy.port) for _ in range(2)]
        for _, writer in (cut, other):
            writer.write(b"x")
        assert [await reader.readexactly(1) for reader, _ in (cut, other)] == [b"x", b"x"]

        next(iter(proxy.lines)).reset()

        with pytest.raises(ConnectionResetError):
            await cut[0].read(1)
        other[1].write(b"y")
        assert await other[0].readexactly(1) == b"y"
        assert proxy.cuts == {"reset": 1}
        for _, writer in (cut, other):
            writer.close()


async def test_half_of_a_message_passes_where_a_line_breaks(echo_port: int) -> None:
    async with open_proxy(echo_port) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        await reader.readexactly(1)

        next(iter(proxy.lines)).break_frame(is_answer=True)
        writer.write(b"12345678")

        assert await reader.readexactly(4) == b"1234"
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        assert proxy.cuts == {"in mid-answer": 1}
        writer.close()


async def test_a_stranded_line_is_cut_for_the_client_alone() -> None:
    heard: list[bytes] = []
    has_ended = asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                heard.append(data)
                writer.write(data)
        except ConnectionResetError:
            pass
        has_ended.set()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with open_proxy(server.sockets[0].getsockname()[1]) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        await reader.readexactly(1)

        next(iter(proxy.lines)).strand()

        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        async with asyncio.timeout(5):
            while proxy.lines:  # noqa: ASYNC110  # the proxy tells nobody
                await asyncio.sleep(0.01)
        assert not has_ended.is_set()
        writer.close()
    async with asyncio.timeout(5):
        await has_ended.wait()
    server.close()
    assert heard == [b"x"]


async def test_a_muted_line_brings_the_request_and_not_the_answer() -> None:
    heard = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                heard.set()
                writer.write(data)
        except ConnectionResetError:
            pass
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with open_proxy(server.sockets[0].getsockname()[1]) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        async with asyncio.timeout(5):
            while not proxy.lines:  # noqa: ASYNC110  # the proxy tells nobody
                await asyncio.sleep(0.01)
        next(iter(proxy.lines)).mute()
        writer.write(b"x")

        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        assert heard.is_set()
        assert proxy.cuts == {"unanswered": 1}
        writer.close()
    server.close()
