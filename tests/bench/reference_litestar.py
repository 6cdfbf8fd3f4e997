"""Litestar's channels plugin, as its documentation uses it: ``python -m tests.bench.reference_litestar PORT``."""

import asyncio
import sys
from typing import Any

import uvicorn
from litestar import Litestar, WebSocket, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.exceptions import WebSocketDisconnect

ROOM = "room"


@websocket("/member")
async def member(socket: WebSocket[Any, Any, Any], channels: ChannelsPlugin) -> None:
    await socket.accept()
    async with channels.start_subscription([ROOM]) as subscriber, subscriber.run_in_background(socket.send_text):
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            return


@websocket("/publisher")
async def publisher(socket: WebSocket[Any, Any, Any], channels: ChannelsPlugin) -> None:
    await socket.accept()
    try:
        while True:
            channels.publish(await socket.receive_text(), ROOM)
    except WebSocketDisconnect:
        return


def app() -> Litestar:
    channels = ChannelsPlugin(backend=MemoryChannelsBackend(), channels=[ROOM])
    return Litestar([member, publisher], plugins=[channels])


async def serve(port: int) -> None:
    config = uvicorn.Config(app(), port=port, log_level="error", ws="websockets-sansio", ws_ping_interval=None, backlog=2048)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.02)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
