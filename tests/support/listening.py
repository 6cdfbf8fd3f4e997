"""What proxies of the tests have in common: listening on a free port, and ending a connection by a reset."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar


class Listener(Protocol):
    """``port`` is set once it listens; ``end`` ends what it has accepted."""

    port: int

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...

    async def end(self) -> None: ...


L = TypeVar("L", bound=Listener)


@asynccontextmanager
async def listening(listener: L) -> AsyncIterator[L]:
    server = await asyncio.start_server(listener.accept, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        await listener.end()
        await server.wait_closed()


def reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN: linger for 0 s, then drop."""
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
