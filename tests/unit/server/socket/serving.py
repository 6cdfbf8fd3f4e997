"""A server on a free port over the pretended hub, with our transport or over plain ASGI; and a raw client for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, NamedTuple

import msgspec
import uvicorn
from litestar import Litestar, WebSocket, get, websocket
from websockets.asyncio.client import ClientConnection, connect

from channels.lobby import Lobby
from server.socket.endpoint import socket_route
from server.socket.entrance import PATH, Entrance
from server.socket.server import AtriumServer, Ending, Grace, uvicorn_config
from server.socket.settings import SocketSettings
from tests.unit.channels.fakes import FakeAuthenticator, FakeHub, a_lobby

Carrier = Literal["socket", "asgi"]
CARRIERS: list[Carrier] = ["socket", "asgi"]


class Serving(NamedTuple):
    hub: FakeHub
    lobby: Lobby
    server: AtriumServer
    task: "asyncio.Task[None]"
    port: int
    authenticator: FakeAuthenticator

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}{PATH}"


async def _nothing(grace: Grace) -> None:
    """Nothing follows."""


@websocket("/echo")
async def echo(socket: WebSocket[Any, Any, Any]) -> None:
    """A route of the application's own."""
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


@get("/slow")
async def slow() -> str:
    await asyncio.sleep(0.3)
    return "done"


@asynccontextmanager
async def serving(
    carrier: Carrier = "socket",
    settings: SocketSettings = SocketSettings(),  # noqa: B008 - frozen
    ending: Ending = Ending(_nothing, grace_s=3.0),  # noqa: B008 - frozen
    **connection_settings: Any,
) -> AsyncIterator[Serving]:
    hub, authenticator = FakeHub(), FakeAuthenticator()
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with a_lobby(hub, authenticator, **connection_settings) as lobby:
        entrance = Entrance(lobby, settings)
        app = Litestar([socket_route(entrance), echo, slow], openapi_config=None, logging_config=None)
        more: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "log_config": None, "access_log": False}
        if carrier == "socket":
            config = uvicorn_config(app, entrance, **more)
        else:
            config = uvicorn.Config(app, ws="websockets-sansio", **more)
        server = AtriumServer(config, lobby, settings, ending, lambda addresses: listening.set_result(addresses[0][1]))
        task = asyncio.create_task(server.serve())
        try:
            yield Serving(hub, lobby, server, task, await listening, authenticator)
        finally:
            server.should_exit = True
            server.hurry()
            async with asyncio.timeout(10):
                await task


class Client:
    """A raw JSON client: frames in, frames out."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, *commands: object) -> None:
        await self.connection.send(b"\n".join(msgspec.json.encode(command) for command in commands), text=True)

    async def receive(self) -> list[Any]:
        """The messages of the next frame."""
        frame = await asyncio.wait_for(self.connection.recv(decode=False), 5)
        return [msgspec.json.decode(line) for line in frame.split(b"\n")]

    async def receive_until(self, id: int) -> Any:
        while True:
            for message in await self.receive():
                if message.get("id") == id:
                    return message

    async def close_code(self) -> tuple[int | None, str | None]:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                while True:
                    await self.connection.recv()
        return self.connection.close_code, self.connection.close_reason

    async def opens(self, token: str = "ada") -> "Client":
        await self.send({"id": 1, "connect": {"token": token}})
        await self.receive_until(1)
        return self


@asynccontextmanager
async def client_of(serving: Serving, **options: Any) -> AsyncIterator[Client]:
    async with connect(serving.url, proxy=None, compression=None, close_timeout=0.2, **options) as connection:
        yield Client(connection)


async def until(condition: Any, seconds: float = 5.0) -> None:
    """Poll a condition, with a deadline."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)
