"""A TCP proxy that makes trouble: latency, thin pipes, cuts after so many bytes, resets, black holes. One ``async with`` away.

::

    async with open_proxy(server.port) as proxy:
        client = Client(f"ws://127.0.0.1:{proxy.port}/connection/websocket", …)
        proxy.reset()                 # every open connection dies by RST
        proxy.weather = Weather(latency_s=0.2)
        rng.choice(list(proxy.lines)).strand()      # one client is cut, and the server does not hear of it
"""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.listening import listening, reset

CHUNK_BYTES = 64 * 1024
MUTE_S = 0.05
"""From what is asked to the cut without an answer: the server has done it by then, as a rule."""


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


class Line:
    """One connection through the proxy, and the ways in which it is cut alone. ``cuts`` counts those that have happened."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, cuts: Counter[str]) -> None:
        self.is_stranded = False
        self.is_muted = False
        self._client = client
        self._server = server
        self._cuts = cuts
        self._breaks = ""

    def reset(self) -> None:
        self._cuts["reset"] += 1
        self._reset_both()

    def hang_up(self) -> None:
        """FIN to both sides, without a word of the protocol above."""
        self._cuts["hang_up"] += 1
        self._client.close()
        self._server.close()

    def strand(self) -> None:
        """Half-open: the client is cut, and what the server sends is never taken nor refused."""
        self._cuts["strand"] += 1
        self.is_stranded = True
        reset(self._client)

    def break_frame(self, *, is_answer: bool) -> None:
        """Of what comes next in this direction one half passes, then both sides are reset."""
        self._breaks = "in mid-answer" if is_answer else "in mid-request"

    def mute(self) -> None:
        """What the client says next still arrives, and its answer does not: both sides are reset a moment later."""
        self._breaks = "unanswered"

    def asked(self) -> None:
        """Something has passed from the client to the server."""
        if self._breaks == "unanswered" and not self.is_muted:
            self.is_muted = True
            asyncio.get_running_loop().call_later(MUTE_S, self.broken)

    def passing(self, data: bytes, is_answer: bool) -> bytes | None:
        """What of ``data`` passes before the line breaks; None where it does not."""
        if self._breaks != ("in mid-answer" if is_answer else "in mid-request"):
            return None
        return data[: len(data) // 2]

    def broken(self) -> None:
        if not self._server.is_closing():
            self._cuts[self._breaks] += 1
        self._reset_both()

    def _reset_both(self) -> None:
        reset(self._client)
        reset(self._server)


class Proxy:
    """Made by ``open_proxy``. ``accepted`` counts connections since the start, ``lines`` are those that are open.

    ``cuts`` counts how lines were cut one by one.
    """

    def __init__(self, target_port: int, receive_bytes: int = 0) -> None:
        self.port = 0
        self.weather = CLEAR
        self.accepted = 0
        self.lines: dict[Line, None] = {}
        self.cuts: Counter[str] = Counter()
        self._stranded: list[asyncio.StreamWriter] = []
        self._target_port = target_port
        self._receive_bytes = receive_bytes
        self._has_ended = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """Every open connection ends by RST, on both sides."""
        for writer in tuple(self._open):
            reset(writer)

    def hang_up(self) -> None:
        """Every open connection ends by FIN, without a closing handshake of the protocol above."""
        for writer in tuple(self._open):
            writer.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection. Its task is ours: asyncio complains aloud when one that it made itself is cancelled."""
        self.accepted += 1
        if self.weather.refuses or self._has_ended:
            reset(writer)
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
        self.let_go()

    def let_go(self) -> None:
        """The server hears at last of the lines that were stranded."""
        while self._stranded:
            reset(self._stranded.pop())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                await self._join(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(sock=await self._connected())
        self._open.add(back)
        line = Line(writer, back, self.cuts)
        self.lines[line] = None
        pumps = {
            asyncio.create_task(self._pump(line, reader, back, False)),
            asyncio.create_task(self._pump(line, there, writer, True)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            del self.lines[line]
            self._open.discard(back)
            if line.is_stranded:
                self._stranded.append(back)
            else:
                back.close()

    async def _connected(self) -> socket.socket:
        own = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named: else no TCP_NODELAY
        try:
            own.setblocking(False)
            if self._receive_bytes:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_bytes)
            await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", self._target_port))
        except BaseException:
            own.close()
            raise
        return own

    async def _pump(self, line: Line, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_answer: bool) -> None:
        weather, passed = self.weather, 0
        while data := await source.read(CHUNK_BYTES):
            if weather is not self.weather:
                weather, passed = self.weather, 0
            if weather.black_hole or (is_answer and line.is_muted):
                continue
            if weather.latency_s:
                await asyncio.sleep(weather.latency_s)
            if weather.bytes_per_s:
                await asyncio.sleep(len(data) / weather.bytes_per_s)
            if is_answer and weather.cut_after_bytes and passed + len(data) >= weather.cut_after_bytes:
                await _push_out(target, data[: weather.cut_after_bytes - passed])
                reset(target)
                return
            if (half := line.passing(data, is_answer)) is not None:
                await _push_out(target, half)
                line.broken()
                return
            target.write(data)
            await target.drain()
            passed += len(data)
            if not is_answer:
                line.asked()


async def _push_out(target: asyncio.StreamWriter, data: bytes) -> None:
    target.write(data)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(target.drain(), 1.0)


@asynccontextmanager
async def open_proxy(target_port: int, receive_bytes: int = 0) -> AsyncIterator[Proxy]:
    """A proxy on a free port in front of ``target_port`` on this machine. ``receive_bytes`` bounds what its kernel takes of a
    server beyond what the weather lets through: without a bound that is megabytes, and no slow reader is slow."""
    async with listening(Proxy(target_port, receive_bytes)) as proxy:
        yield proxy
