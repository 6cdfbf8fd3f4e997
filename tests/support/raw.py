"""The protocol by hand, for what no SDK would ever send: one WebSocket, messages as dicts or as any bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WAIT_S = 10.0


class RawClient:
    """Made by ``open_raw``. Replies are awaited by their id; pushes pile up in ``pushes``."""

    def __init__(self, socket: ClientConnection) -> None:
        self.pushes: list[dict[str, Any]] = []
        self._socket = socket
        self._number = 0

    async def connect(self, token: str) -> dict[str, Any]:
        return await self.ask(connect={"token": token})

    async def rpc(self, method: str, data: Any) -> dict[str, Any]:
        """The whole reply: with ``rpc`` or with ``error``."""
        return await self.ask(rpc={"method": method, "data": data})

    async def ask(self, **request: Any) -> dict[str, Any]:
        self._number += 1
        await self.send({"id": self._number, **request})
        return await self.reply(self._number)

    async def send(self, *messages: Any) -> None:
        """Dicts become JSON, text and bytes go as they are; all in one frame."""
        first = messages[0]
        if isinstance(first, str | bytes):
            await self._socket.send(first)
        else:
            await self._socket.send("\n".join(json.dumps(message) for message in messages))

    async def reply(self, number: int) -> dict[str, Any]:
        """The reply to ``number``; what comes in between is kept. Raises ``ConnectionClosed`` where the server ends it."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for message in await self.receive():
                    if message.get("id") == number:
                        return message

    async def receive(self) -> list[dict[str, Any]]:
        """The messages of the next frame; pings are answered and left out, pushes are kept too."""
        frame = await self._socket.recv()
        text = frame.decode() if isinstance(frame, bytes) else frame
        messages = [json.loads(part) for part in text.split("\n") if part]
        for message in messages:
            if not message:
                await self._socket.send("{}")
            elif "push" in message:
                self.pushes.append(message["push"])
        return [message for message in messages if message]

    def abort(self) -> None:
        """Cut the line without a word."""
        self._socket.transport.abort()

    async def closed(self) -> tuple[int, str]:
        """Wait until the server ends the connection; its code and reason."""
        async with asyncio.timeout(WAIT_S):
            try:
                while True:
                    await self.receive()
            except ConnectionClosed as end:
                assert end.rcvd is not None, "the connection ended without a close frame"
                return end.rcvd.code, end.rcvd.reason


@asynccontextmanager
async def open_raw(address: str, token: str | None = None) -> AsyncIterator[RawClient]:
    """A socket; with a token also the first ``connect``."""
    async with connect(address, max_size=None, compression=None, ping_interval=None, proxy=None) as socket:
        client = RawClient(socket)
        if token is not None:
            reply = await client.connect(token)
            assert "connect" in reply, reply
        yield client
