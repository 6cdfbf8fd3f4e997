"""The HTTP application: every route, every error and every bound of the API in one place."""

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.enums import MediaType, OpenAPIMediaType
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from channels.replies import SERVER_VERSION
from domain.kinds import KINDS
from server.http import (
    browser_app,
    concepts,
    conversations,
    description_page,
    dev,
    executions,
    folders,
    inbox,
    me,
    operations,
    people,
    problems,
    quotes,
    rooms,
    sellers,
    shares,
    workspaces,
)
from server.http.context import Parts
from server.http.description import Description

DESCRIPTION: Final = """Reading, and giving commands without a socket.

Sign in with `Authorization: Bearer …` (`atrium token` prints one). Errors are problem details (RFC 9457); their `code` is the one
that the socket gives for the same cause. What happens in rooms
comes over the WebSocket at `/connection/websocket` (PROTOCOL.md)."""

CORS_AGE_S: Final = 600
"""How long a browser may remember the answer to its preflight."""


def build_app(parts: Parts, sockets: Sequence[BaseRouteHandler]) -> Litestar:
    """The application over running parts; ``sockets`` are the routes of the WebSocket."""
    settings = parts.settings
    page = browser_app.BrowserApp(settings.page)
    return Litestar(
        route_handlers=[
            *(operations.ROUTES, rooms.ROUTES, workspaces.ROUTES, executions.ROUTES, people.ROUTES),
            conversations.ROUTES,
            shares.ROUTES,
            concepts.ROUTES,
            quotes.ROUTES,
            sellers.ROUTES,
            folders.ROUTES,
            inbox.ROUTES,
            me.ROUTES,
            *([dev.ROUTES] if parts.dev_sign_in else []),
            *sockets,
            *browser_app.handlers(page),
        ],
        state=State({"parts": parts}),
        exception_handlers=problems.HANDLERS,
        request_max_body_size=settings.body_most_bytes,
        cors_config=_cors(settings.origins),
        openapi_config=_openapi(),
        logging_config=None,  # structlog has taken over before
        debug=False,
    )


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    """Only listed origins; tokens travel in a header, so no page of another origin carries them unasked."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-Share-Token"],
        expose_headers=["Retry-After"],
        max_age=CORS_AGE_S,
    )


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT", description="A token; `atrium token` prints one.")
    return OpenAPIConfig(
        title="Atrium",
        version=SERVER_VERSION,
        description=DESCRIPTION,
        # its own router, for the headers
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, response_headers=description_page.HEADERS),
        use_handler_docstrings=True,
        render_plugins=[
            Description("/", MediaType.HTML, KINDS, description_page.page),
            Description("/openapi.json", OpenAPIMediaType.OPENAPI_JSON, KINDS, msgspec.json.encode),
        ],
        components=Components(security_schemes={"bearer": bearer}),
        security=[{"bearer": []}],
    )
