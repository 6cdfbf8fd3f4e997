"""What both command lines say alike: where Atrium is, who the bot is, where it remembers things."""

import argparse
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from atrium_bot.memory import default_folder

SOCKET_PATH = "/connection/websocket"


def add_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--server",
        type=socket_address,
        default=os.environ.get("ATRIUM_SERVER", "http://localhost:8000"),
        help="where Atrium is: http://localhost:8000, or the address of its socket (default: $ATRIUM_SERVER, else %(default)s)",
    )
    parser.add_argument(
        "--token", default=os.environ.get("ATRIUM_TOKEN", ""), help="a bot's token (atrium token --user claude --role bot)"
    )
    parser.add_argument("--token-file", type=Path, help="read the token from here, again whenever it has run out")
    parser.add_argument("--state", type=Path, default=default_folder(), help="folder that remembers how far the bot has come")


def token_source(options: argparse.Namespace) -> Callable[[], Awaitable[str]]:
    """A file is read again whenever the SDK wants a fresh token."""

    async def get_token() -> str:
        return options.token_file.read_text("utf-8").strip() if options.token_file else str(options.token)

    return get_token


def socket_address(server: str) -> str:
    """What people copy from a browser (``http://localhost:8000``) as the address of the socket there; one of a socket as it is."""
    found = urlsplit(server)
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(found.scheme)
    if scheme is None or not found.netloc:
        raise argparse.ArgumentTypeError(f"{server!r} is no address: http://localhost:8000, or ws://… of the socket")
    path = found.path.rstrip("/")
    if found.scheme.startswith("http") or not path:
        path = path.removesuffix(SOCKET_PATH) + SOCKET_PATH
    return urlunsplit((scheme, found.netloc, path, found.query, ""))
