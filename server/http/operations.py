"""For whoever runs the server: is it alive, is it ready, how much does it do."""

from http import HTTPStatus

from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi.datastructures import ResponseSpec

from server.http.context import Asked, parts_of
from server.http.description import PUBLIC
from server.http.health import Readiness

_NOT_READY = ResponseSpec(Readiness, description="Not ready: the same form says what is missing.", generate_examples=False)


@get("/health/live", sync_to_thread=False, summary="Is the process alive?")
def live() -> dict[str, str]:
    """Answers as long as the event loop turns; whatever is away elsewhere, a restart would not help."""
    return {"status": "live"}


@get(["/health", "/health/ready"], summary="Can it do everything?", responses={HTTPStatus.SERVICE_UNAVAILABLE: _NOT_READY})
async def ready(request: Asked) -> Response[Readiness]:
    """503 while Postgres or the journal cannot do their part, and from the first moment of a shutdown."""
    readiness = await parts_of(request).health.readiness()
    status = HTTPStatus.OK if readiness.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(readiness, status_code=status, headers={"Cache-Control": "no-store"})


@get("/metrics", sync_to_thread=False, summary="Figures for Prometheus", media_type="text/plain", raises=[NotFoundException])
def metrics(request: Asked) -> Response[bytes]:
    parts = parts_of(request)
    if not parts.settings.metrics:
        raise NotFoundException
    content, media_type = parts.metrics.exposition()
    return Response(content, media_type=media_type)


ROUTES = Router("/", route_handlers=[live, ready, metrics], tags=["operations"], security=PUBLIC)
