"""uvicorn is pinned: what we use of it is still there, and what we do not want of it is off."""

import inspect
from importlib.metadata import version

import pytest
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from server.socket.doorstep import PunctualHttpProtocol
from server.socket.protocol import USED_OF_UVICORN, HandshakeProtocol
from server.socket.server import USED_OF_A_SERVER, AtriumServer, uvicorn_config
from server.socket.server import USED_OF_UVICORN as USED_OF_THE_SERVER
from server.socket.settings import SocketSettings

SETTINGS = SocketSettings()


def config() -> uvicorn.Config:
    made = uvicorn_config(Litestar([], openapi_config=None), SETTINGS, log_config=None)
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
        (HandshakeProtocol, WebSocketsSansIOProtocol, "handle_connect"),
        (HandshakeProtocol, WebSocketsSansIOProtocol, "run_asgi"),
        (HandshakeProtocol, WebSocketsSansIOProtocol, "__init__"),
        (PunctualHttpProtocol, HttpToolsProtocol, "data_received"),
        (PunctualHttpProtocol, HttpToolsProtocol, "on_headers_complete"),
        (PunctualHttpProtocol, HttpToolsProtocol, "on_message_complete"),
        (PunctualHttpProtocol, HttpToolsProtocol, "handle_websocket_upgrade"),
        (AtriumServer, uvicorn.Server, "startup"),
        (AtriumServer, uvicorn.Server, "shutdown"),
        (AtriumServer, uvicorn.Server, "handle_exit"),
    ]:
        mine, original = (inspect.signature(getattr(owner, name)).parameters for owner in (ours, theirs))
        assert list(mine) == list(original), name


def test_after_the_application_has_returned_uvicorn_closes_what_it_still_holds() -> None:
    # why the transport is taken out of uvicorn's protocol before the route returns
    assert "self.transport.close()" in inspect.getsource(WebSocketsSansIOProtocol.run_asgi)


def test_compression_pings_and_the_limit_of_16_mib_are_off() -> None:
    made = config()

    assert made.ws_per_message_deflate is False
    assert made.ws_ping_interval is None
    assert made.ws_ping_timeout is None
    assert made.ws_max_size == 512 * 1024
    assert issubclass(made.ws_protocol_class, HandshakeProtocol)  # type: ignore[arg-type] # it is loaded
    assert issubclass(made.http_protocol_class, PunctualHttpProtocol)
