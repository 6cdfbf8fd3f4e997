"""python-socketio on uvicorn, where it is installed: ``python -m tests.bench.reference_socketio PORT``."""

import asyncio
import sys

import socketio  # type: ignore[import-not-found,unused-ignore]  # it runs where it is installed
import uvicorn
import uvloop

ROOM = "room"

sio = socketio.AsyncServer(async_mode="asgi", ping_interval=3600, cors_allowed_origins="*")


@sio.on("follow")  # type: ignore[untyped-decorator,unused-ignore]  # the package has no types
async def follow(sid: str) -> None:
    await sio.enter_room(sid, ROOM)


@sio.on("publish")  # type: ignore[untyped-decorator,unused-ignore]  # likewise
async def publish(sid: str, text: str) -> None:
    await sio.emit("message", text, room=ROOM)


async def serve(port: int) -> None:
    app = socketio.ASGIApp(sio)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws_ping_interval=None, backlog=2048))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.02)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
