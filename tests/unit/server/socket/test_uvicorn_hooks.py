"""uvicorn is pinned: what we use of it is still there, and what we do not want of it is off."""

import inspect
from importlib.metadata import version
from typing import cast

import pytest
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from channels.lobby import Lobby
from server.socket.entrance import Entrance
from server.socket.protocol import USED_OF_UVICORN, EntranceProtocol
from server.socket.server import USED_OF_A_SERVER, AtriumServer, uvicorn_config
from server.socket.server import USED_OF_UVICORN as USED_OF_THE_SERVER
from server.socket.settings import SocketSettings


def config() -> uvicorn.Config:
    entrance = Entrance(cast("Lobby", None), SocketSettings())
    made = uvicorn_config(Litestar([], openapi_config=None), entrance, log_config=None)
    made.load()
    return made


def test_it_is_the_version_that_these_hooks_were_read_in() -> None:
    assert version("uvicorn") == "0.54.0"


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner, names in USED_OF_UVICORN.items() for name in names])
def test_each_hook_of_a_protocol_is_there(owner: type, name: str) -> None:
    assert hasattr(owner, name) or f"self.{name}" in inspect.getsource(owner)


@pytest.mark.parametrize("name", USED_OF_THE_SERVER)
def test_each_hook_of_the_server_is_there(name: str) -> None:
    assert callable(getattr(uvicorn.Server, name))


def test_so_is_what_is_read_of_it() -> None:
    server = uvicorn.Server(config())

    assert all(hasattr(server, name) for name in USED_OF_A_SERVER)
    assert isinstance(server.server_state, ServerState)
    assert "self.servers" in inspect.getsource(uvicorn.Server.startup)
    assert "self.lifespan" in inspect.getsource(uvicorn.Server._serve)


def test_what_we_override_has_the_signature_that_uvicorn_calls() -> None:
    for ours, theirs, name in [
        (EntranceProtocol, HttpToolsProtocol, "connection_made"),
        (EntranceProtocol, HttpToolsProtocol, "data_received"),
        (EntranceProtocol, HttpToolsProtocol, "on_headers_complete"),
        (EntranceProtocol, HttpToolsProtocol, "on_message_complete"),
        (EntranceProtocol, HttpToolsProtocol, "handle_websocket_upgrade"),
        (AtriumServer, uvicorn.Server, "startup"),
        (AtriumServer, uvicorn.Server, "shutdown"),
        (AtriumServer, uvicorn.Server, "handle_exit"),
    ]:
        mine, original = (inspect.signature(getattr(owner, name)).parameters for owner in (ours, theirs))
        assert list(mine) == list(original), name


def test_behind_the_upgrade_nothing_of_the_old_protocol_is_used() -> None:
    # why the parser may be let go of in the middle of it
    source = inspect.getsource(HttpToolsProtocol.data_received)
    assert source.rstrip().endswith("self._unsupported_upgrade_warning()")


def test_compression_pings_and_the_limit_of_16_mib_are_off() -> None:
    made = config()

    assert made.ws_per_message_deflate is False
    assert made.ws_ping_interval is None
    assert made.ws_ping_timeout is None
    assert made.ws_max_size == 512 * 1024
    assert made.ws_protocol_class is WebSocketsSansIOProtocol
    assert issubclass(made.http_protocol_class, EntranceProtocol)
