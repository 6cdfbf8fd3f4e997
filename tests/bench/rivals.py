"""The reference servers: which of them this machine can run, what it lacks for the others, and one of them as a process."""

import asyncio
import importlib.util
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.bench.processes import ROOT
from tests.support.server import free_port

HERE = Path(__file__).parent
BUILD = ROOT / "reports"
READY_S = 20.0


class Rival(NamedTuple):
    """``lacks`` says what is missing here, or nothing. ``prepare`` is run before the first start, and returns what it lacks."""

    name: str
    command: Callable[[int], Sequence[str]]
    dialect: str = "plain"
    prepare: Callable[[], str] = lambda: ""
    says_ready: bool = True


class Running(NamedTuple):
    pid: int
    port: int


def python(module: str, *before: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, "-m", f"tests.bench.{module}", *before, str(port)]


def _needs_module(name: str, package: str) -> Callable[[], str]:
    return lambda: "" if importlib.util.find_spec(name) else package


def _needs_node() -> str:
    if not shutil.which("node"):
        return "node"
    return "" if (HERE / "node" / "node_modules" / "ws").is_dir() else "npm ci in tests/bench/node"


def _needs_centrifuge() -> str:
    """Built once; Go's own cache makes it quick the next time."""
    if not shutil.which("go"):
        return "go"
    BUILD.mkdir(exist_ok=True)
    made = os.spawnlp(os.P_WAIT, "go", "go", "build", "-C", str(HERE / "centrifuge"), "-o", str(BUILD / "centrifuge"), ".")
    return "" if made == 0 else "the centrifuge Go library"


def _needs_nchan() -> str:
    if not shutil.which("nginx"):
        return "nginx with nchan"
    return "" if NCHAN_MODULE.exists() else "nginx's module nchan"


NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")

_NGINX = """
load_module {module};
user root; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 16384; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location = /member {{ nchan_subscriber websocket; nchan_channel_id room; nchan_websocket_ping_interval 0; }}
    location = /publisher {{ nchan_publisher websocket; nchan_channel_id room; nchan_store_messages off; }}
  }}
}}
"""


def _nginx(port: int) -> list[str]:
    folder = BUILD / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(module=NCHAN_MODULE, folder=folder, port=port))
    return ["nginx", "-c", str(configuration), "-e", "stderr"]


RIVALS = {
    each.name: each
    for each in (
        Rival("bare, one write each", python("references", "bare")),
        Rival("bare, joined writes", python("references", "joined")),
        Rival("websockets broadcast", python("references", "websockets")),
        Rival("Litestar channels", python("reference_litestar")),
        Rival("python-socketio", python("reference_socketio"), "socketio", _needs_module("socketio", "python-socketio")),
        Rival("Node ws", lambda port: ["node", str(HERE / "node" / "ws.mjs"), str(port)], "plain", _needs_node),
        Rival("Socket.IO", lambda port: ["node", str(HERE / "node" / "socketio.mjs"), str(port)], "socketio", _needs_node),
        Rival("centrifuge Go", lambda port: [str(BUILD / "centrifuge"), str(port)], "centrifuge", _needs_centrifuge),
        Rival("nginx nchan", _nginx, "plain", _needs_nchan, says_ready=False),
    )
}
BARE, JOINED, LIBRARY = list(RIVALS)[:3]


@asynccontextmanager
async def open_rival(rival: Rival) -> AsyncIterator[Running]:
    """The reference server as a process; it is killed at the end of the block."""
    port = free_port()
    # one thread of Go runs, as there is one core for each
    environment = {**os.environ, "GOMAXPROCS": "1"}
    process = await asyncio.create_subprocess_exec(
        *rival.command(port), cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.wait_for(_until_ready(rival, process, port), READY_S)
        yield Running(process.pid, port)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_ready(rival: Rival, process: asyncio.subprocess.Process, port: int) -> None:
    assert process.stdout is not None
    if rival.says_ready:
        if not await process.stdout.readline():
            raise RuntimeError(f"{rival.name} did not start")
        return
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
