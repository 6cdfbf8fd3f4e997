"""Errors of the HTTP API: RFC 9457 problem details, whose ``code`` is the wire's code for the same cause."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from channels.ports import InvalidToken
from channels.wire import codes
from channels.wire.codes import ErrorCode
from domain import rejections
from domain.log import StorageAway
from domain.rejections import Rejection

log = structlog.get_logger(__name__)

RETRY_AFTER_S: Final = 1
"""For what is temporary; a restart and a short absence of Postgres are over in seconds."""

STATUS_OF: Final[dict[type[Rejection], HTTPStatus]] = {
    rejections.Malformed: HTTPStatus.BAD_REQUEST,
    rejections.UnknownCommand: HTTPStatus.NOT_FOUND,
    rejections.NotAllowed: HTTPStatus.FORBIDDEN,
    rejections.SignInNeeded: HTTPStatus.UNAUTHORIZED,
    rejections.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    rejections.Busy: HTTPStatus.TOO_MANY_REQUESTS,
    rejections.LimitExceeded: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    rejections.NotRecoverable: HTTPStatus.GONE,
    rejections.RuleBroken: HTTPStatus.CONFLICT,
    rejections.AlreadyExists: HTTPStatus.CONFLICT,
    rejections.WrongStatus: HTTPStatus.CONFLICT,
    rejections.UnknownThing: HTTPStatus.NOT_FOUND,
    rejections.NotYours: HTTPStatus.FORBIDDEN,
    rejections.LimitReached: HTTPStatus.CONFLICT,
    rejections.NotYet: HTTPStatus.CONFLICT,
    rejections.VersionNotHigher: HTTPStatus.CONFLICT,
    rejections.OutOfOrder: HTTPStatus.CONFLICT,
    rejections.CommandIdReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    rejections.CommandTooOld: HTTPStatus.GONE,
    rejections.CommentsOff: HTTPStatus.CONFLICT,
    rejections.VotingOff: HTTPStatus.CONFLICT,
    rejections.ShareOver: HTTPStatus.GONE,
}
"""Every cause of a refusal and its HTTP status; ``channels.wire.codes.REJECTIONS`` gives the same causes their codes."""

_CODE_OF_STATUS: Final[dict[int, ErrorCode]] = {
    HTTPStatus.UNAUTHORIZED: codes.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN: codes.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: codes.METHOD_NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: codes.METHOD_NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: codes.LIMIT_EXCEEDED,
    HTTPStatus.TOO_MANY_REQUESTS: codes.TOO_MANY_REQUESTS,
}
"""For refusals of the framework; any other 4xx is a bad request, any 5xx an internal error."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is answered instead: ``detail`` is a sentence for a person, ``code`` is for programs (PROTOCOL.md "Codes")."""

    type: str
    title: str
    status: int
    detail: str
    code: int
    temporary: bool = False
    at_ms: int | None = None


def problem_of(rejection: Rejection) -> Problem:
    error = codes.error_of(rejection)
    cause = type(rejection)
    return Problem(
        type=f"urn:atrium:problem:{_dashed(cause.__name__)}",
        title=_dashed(cause.__name__).replace("-", " "),
        status=STATUS_OF.get(cause, HTTPStatus.INTERNAL_SERVER_ERROR),
        detail=error.message,
        code=error.code,
        temporary=error.temporary,
        at_ms=rejection.at_ms if isinstance(rejection, rejections.NotYet) else None,
    )


def answer(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The problem as a response."""
    headers = dict(headers or {})
    if problem.temporary:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


Asked = Request[Any, Any, Any]


def on_rejection(request: Asked, error: Rejection) -> Response[bytes]:
    return answer(problem_of(error))


def on_storage_away(request: Asked, error: StorageAway) -> Response[bytes]:
    return answer(problem_of(rejections.Unavailable("the database cannot be reached at the moment: repeat this in a few seconds")))


def on_invalid_token(request: Asked, error: InvalidToken) -> Response[bytes]:
    return answer(
        _plain(HTTPStatus.UNAUTHORIZED, codes.UNAUTHORIZED, "invalid-token", str(error)),
        {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def on_validation(request: Asked, error: ValidationException) -> Response[bytes]:
    """A query or body that does not have its form: every path that is wrong, in one sentence."""
    parts = error.extra if isinstance(error.extra, list) else []
    told = "; ".join(f"{part.get('key', '$')}: {part.get('message', '')}" for part in parts if isinstance(part, dict))
    return answer(_plain(HTTPStatus.BAD_REQUEST, codes.BAD_REQUEST, "malformed", told or error.detail))


def on_http_exception(request: Asked, error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    fallback = codes.INTERNAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else codes.BAD_REQUEST
    code = _CODE_OF_STATUS.get(status, fallback)
    detail = {
        HTTPStatus.NOT_FOUND: "there is nothing at this address",
        HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take that method",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is larger than this server takes",
    }.get(status, error.detail or status.phrase)
    name = status.phrase.lower().replace(" ", "-")
    return answer(_plain(status, code, name, detail), dict(error.headers or {}))


def on_unreadable(request: Asked, error: Exception) -> Response[bytes]:
    """What the decoder raises itself, and Litestar takes for a fault of ours: bytes that are no text, nesting without an end."""
    log.warning("a body could not be read", method=request.method, path=request.url.path, error=type(error).__name__)
    detail = "the body is not JSON in UTF-8, or is nested too deeply"
    return answer(_plain(HTTPStatus.BAD_REQUEST, codes.BAD_REQUEST, "malformed", detail))


def on_fault(request: Asked, error: Exception) -> Response[bytes]:
    """A fault of ours: the log gets everything, the caller nothing of it."""
    log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return answer(_plain(HTTPStatus.INTERNAL_SERVER_ERROR, codes.INTERNAL, "internal", codes.INTERNAL.message))


HANDLERS: Final[dict[Any, Any]] = {
    Rejection: on_rejection,
    StorageAway: on_storage_away,
    InvalidToken: on_invalid_token,
    ValidationException: on_validation,
    HTTPException: on_http_exception,
    UnicodeDecodeError: on_unreadable,
    RecursionError: on_unreadable,
    Exception: on_fault,
}


def _plain(status: HTTPStatus, code: ErrorCode, name: str, detail: str) -> Problem:
    return Problem(
        type=f"urn:atrium:problem:{name}",
        title=name.replace("-", " "),
        status=status,
        detail=detail,
        code=code.code,
        temporary=code.temporary,
    )


def _dashed(name: str) -> str:
    """``WrongStatus`` -> ``wrong-status``."""
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("-")
