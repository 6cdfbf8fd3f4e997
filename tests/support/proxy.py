"""A TCP proxy that makes trouble: latency, thin pipes, cuts after so many bytes, resets, black holes. One ``async with`` away.

::

    async with open_proxy(server.port) as proxy:
        client = Client(f"ws://127.0.0.1:{proxy.port}/connection/websocket", …)
        proxy.reset()                 # every open connection dies by RST
        proxy.weather = Weather(latency_s=0.2)
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Weather:
    """How the line is. It holds for what is read from now on, on connections that are open too.

    ``cut_after_bytes`` counts what the server sends on one connection from then on; then that connection is reset, in the middle
    of a frame if it falls so. A ``black_hole`` swallows both directions without a word; ``refuses`` resets new connections.
    """

    latency_s: float = 0.0
    bytes_per_s: float = 0.0
    cut_after_bytes: int = 0
    black_hole: bool = False
    refuses: bool = False


CLEAR = Weather()


class Proxy:
    """Made by ``open_proxy``. ``accepted`` counts connections since the start."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.weather = CLEAR
        self.accepted = 0
        self._target_port = target_port
        self._has_ended = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """Every open connection ends by RST, on both sides."""
        for writer in tuple(self._open):
            _reset(writer)

    def hang_up(self) -> None:
        """Every open connection ends by FIN, without a closing handshake of the protocol above."""
        for writer in tuple(self._open):
            writer.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection. Its task is ours: asyncio complains aloud when one that it made itself is cancelled."""
        self.accepted += 1
        if self.weather.refuses or self._has_ended:
            _reset(writer)
            return
        self._open.add(writer)
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        self._has_ended = True
        self.reset()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                await self._join(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._open.add(back)
        pumps = {asyncio.create_task(self._pump(reader, back, False)), asyncio.create_task(self._pump(there, writer, True))}
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._open.discard(back)
            back.close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_answer: bool) -> None:
        weather, passed = self.weather, 0
        while data := await source.read(CHUNK_BYTES):
            if weather is not self.weather:
                weather, passed = self.weather, 0
            if weather.black_hole:
                continue
            if weather.latency_s:
                await asyncio.sleep(weather.latency_s)
            if weather.bytes_per_s:
                await asyncio.sleep(len(data) / weather.bytes_per_s)
            if is_answer and weather.cut_after_bytes and passed + len(data) >= weather.cut_after_bytes:
                target.write(data[: weather.cut_after_bytes - passed])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(target.drain(), 1.0)
                _reset(target)
                return
            target.write(data)
            await target.drain()
            passed += len(data)


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN: linger for 0 s, then drop."""
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def open_proxy(target_port: int) -> AsyncIterator[Proxy]:
    """A proxy on a free port in front of ``target_port`` on this machine."""
    proxy = Proxy(target_port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
        await server.wait_closed()
