"""The description of the API as a client's author needs it: every command with its form, and errors as they are really sent.

Litestar describes routes. All commands share one route, and errors are ours, so both are completed here, on the finished OpenAPI.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request
from litestar.enums import MediaType, OpenAPIMediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import SecurityRequirement

from domain.command_codec import ADDRESS_MAX
from domain.decider import Command, Decider, Question, Registry
from server.http.problems import RETRY_AFTER_S, Problem

Json: TypeAlias = dict[str, Any]

PUBLIC: Final[Sequence[SecurityRequirement]] = [{}]
"""The ``security`` of routes that need no token: one way in, and it asks for nothing."""

ONE_ROUTE: Final = "/commands/{name}"
QUESTIONS_ROUTE: Final = "/questions/{name}"
QUESTION: Final = "The same JSON as the socket's rpc of this name. Nothing changes by it."
COMMAND: Final = """The same JSON as the socket's rpc of this name: same rules, same result, same idempotence.

Without an answer (503, or a cut connection) repeat it with the same `command_id`: it happens once."""
SCHEMAS: Final = "#/components/schemas/"

PROBLEMS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "The query or the body does not have its form; `detail` names the path.",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is not valid any more.",
    HTTPStatus.FORBIDDEN: "Not there, or not open to you: both are answered alike.",
    HTTPStatus.NOT_FOUND: "There is nothing of this name or id.",
    HTTPStatus.CONFLICT: "A rule of the room says no; `type` and `code` say which. With `at_ms`: not before that time.",
    HTTPStatus.GONE: "The `command_id` is older than what the room remembers; its history says whether the command ran.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "A fixed limit: the same will be refused again.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "This `command_id` was accepted before with other content.",
    HTTPStatus.TOO_MANY_REQUESTS: "Temporary: a bound is reached. Repeat it a little later, a command with its `command_id`.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Temporary: storage is away, or the server is going. Repeat, a command with its `command_id`.",
}
"""What each status means to the caller; the order is that of the description."""

_HEADERS: Final[Mapping[HTTPStatus, Json]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "`Bearer`"}},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": {"schema": {"type": "integer"}, "description": f"Seconds: {RETRY_AFTER_S}"}},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": {"schema": {"type": "integer"}, "description": f"Seconds: {RETRY_AFTER_S}"}},
}

ACCEPTED: Final[Json] = {
    "title": "Accepted",
    "type": "object",
    "description": (
        "The command has happened and is durable. A repeat with the same `command_id` gets the same answer. Further fields say "
        "what the command made or decided: ids of new things by their name (`session_id`, `feedback_id`, `execution_id` …), "
        "`status`, `progress` and the like."
    ),
    "properties": {
        "room": {"type": "string", "description": "The address of the room; after a creating command, of the new one."},
        "offset": {"type": "integer", "description": "Where the room stands now. As `after_offset`, a read waits for it."},
        "epoch": {"type": "string", "description": "Offsets of different epochs cannot be compared."},
        "event_ids": {"type": "array", "items": {"type": "string"}, "description": "What happened; empty for passing things."},
        "stored": {"type": "boolean", "description": "With `receipt: stored` only: whether the database has it already."},
    },
    "required": ["room", "offset", "epoch", "event_ids"],
    "additionalProperties": True,
}

_NO_ROOMS: Final = ("/sellers", "/users")
"""Writes that no room stands behind."""
_BY_LINK: Final = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.GONE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Where the header ``X-Share-Token`` opens: wrong, over, or tried too often; and who signs in besides may do that wrongly."""


class Description(OpenAPIRenderPlugin):
    """One way to read the description at ``path`` below /schema. It cannot change while the server runs, so it is written once."""

    def __init__(
        self, path: str, media_type: MediaType | OpenAPIMediaType, kinds: Registry, write: Callable[[Json], bytes]
    ) -> None:
        super().__init__(path=path, media_type=media_type)
        self._kinds = kinds
        self._write = write
        self._written: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        if self._written is None:
            self._written = self._write(completed(openapi_schema, self._kinds))
        return self._written


def completed(openapi: Json, kinds: Registry) -> Json:
    """A copy with one path per command of ``kinds`` instead of their shared route, and with our problems as errors."""
    whole: Json = msgspec.to_builtins(openapi)
    paths: Json = whole["paths"]
    del paths[ONE_ROUTE]
    del paths[QUESTIONS_ROUTE]
    for decider in kinds.values():
        for verb, struct in decider.commands.items():
            paths[f"/commands/{decider.kind}.{verb}"] = {"post": _command(decider.kind, verb, struct)}
        for word, question in decider.questions.items():
            paths[f"/questions/{decider.kind}.{word}"] = {"post": _question(decider.kind, word, question)}
    for path, operations in paths.items():
        for method, operation in operations.items():
            _set_answer(operation)
            _set_problems(path, method, operation)
    components = whole["components"]
    components["schemas"] |= _command_schemas(kinds) | _question_schemas(kinds) | {"Accepted": ACCEPTED} | _schemas_of(Problem)
    components["responses"] = {_name(status): _response(status) for status in PROBLEMS}
    return whole


def _command(kind: str, verb: str, struct: type[Command]) -> Json:
    first, _, rest = _told(struct).partition("\n\n")
    return {
        "tags": ["commands"],
        "operationId": f"{kind}.{verb}",
        "summary": first.replace("\n", " ").removesuffix(".") or verb.replace("_", " ").capitalize(),
        "description": "\n\n".join(part for part in (rest, COMMAND) if part),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}{kind}.{verb}"}}},
        },
        "responses": {
            "200": {
                "description": "It has happened.",
                "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}Accepted"}}},
            }
        },
    }


def _question(kind: str, word: str, struct: type[Question]) -> Json:
    first, _, rest = _told(struct).partition("\n\n")
    return {
        "tags": ["questions"],
        "operationId": f"{kind}.{word}",
        "summary": first.replace("\n", " ").removesuffix(".") or word.replace("_", " ").capitalize(),
        "description": "\n\n".join(part for part in (rest, QUESTION) if part),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}{kind}.{word}"}}},
        },
        "responses": {"200": {"description": "The answer.", "content": {"application/json": {"schema": {"type": "object"}}}}},
    }


def _question_schemas(kinds: Registry) -> Json:
    schemas: Json = {}
    for decider in kinds.values():
        for word, struct in decider.questions.items():
            made = _schemas_of(struct, f"{decider.kind}.")
            name = f"{decider.kind}.{word}"
            form = made.pop(f"{decider.kind}.{struct.__name__}")
            schemas |= {**made, name: form | {"title": name}}
    return schemas


def _told(struct: type[msgspec.Struct]) -> str:
    """The struct's own docstring, never that of what it is derived from."""
    lines = (vars(struct).get("__doc__") or "").splitlines()
    return "\n".join(line.strip() for line in lines).strip()


def _command_schemas(kinds: Registry) -> Json:
    """The commands by wire name, which no other schema has; what they refer to under names of its own."""
    schemas: Json = {}
    for decider in kinds.values():
        for verb, struct in decider.commands.items():
            made = _schemas_of(struct, f"{decider.kind}.")
            name = f"{decider.kind}.{verb}"
            form = made.pop(f"{decider.kind}.{struct.__name__}")
            schemas |= {**made, name: _with_envelope(form, decider, verb)}
    return schemas


def _schemas_of(struct: type[msgspec.Struct], prefix: str = "") -> Json:
    _, components = msgspec.json.schema_components([struct], ref_template=f"{SCHEMAS}{prefix}{{name}}")
    return {f"{prefix}{name}": schema for name, schema in components.items()}


def _with_envelope(form: Json, decider: Decider[Any], verb: str) -> Json:
    """What the codec checks beyond the types: the id's form, and a room of the kind, which only a creating command may omit."""
    creates = verb == decider.creates
    room = f"The address of a {decider.kind}, as in `{decider.kind}:…`" + (
        "; may be left out, the answer has it." if creates else "."
    )
    form["title"] = f"{decider.kind}.{verb}"
    form["properties"] |= {
        "room": {"type": "string", "maxLength": ADDRESS_MAX, "description": room},
        "command_id": {
            "type": "string",
            "format": "uuid",
            "description": "A new uuid7 in small letters for each command; the same one for its repeats, and it happens once.",
        },
        "receipt": form["properties"]["receipt"]
        | {"description": "What the answer waits for: on disk in the journal (`durable`), or in the database (`stored`)."},
    }
    if not creates:
        form["required"] = ["room", *form["required"]]
    return form


def _set_answer(operation: Json) -> None:
    """Writes of one's own room hand on what a command was answered with; Litestar only sees that these are bytes."""
    for response in operation["responses"].values():
        answer = response.get("content", {}).get("application/json", {})
        if answer.get("schema") == {"type": "string"}:
            answer["schema"] = {"$ref": f"{SCHEMAS}Accepted"}


def _set_problems(path: str, method: str, operation: Json) -> None:
    """Litestar's form of an error is replaced, and what every route of this shape may answer is added."""
    responses: Json = operation["responses"]
    own = {code for code, response in responses.items() if int(code) >= HTTPStatus.BAD_REQUEST and _is_default(response)}
    expected = {str(int(status)) for status in _expected(path, method, operation)} - responses.keys()
    for status in PROBLEMS:
        if (code := str(int(status))) in own | expected:
            responses.pop(code, None)
            responses[code] = {"$ref": f"#/components/responses/{_name(status)}"}


def _is_default(response: Json) -> bool:
    contents = response.get("content", {}).values()
    return any("status_code" in content.get("schema", {}).get("properties", {}) for content in contents)


def _expected(path: str, method: str, operation: Json) -> set[HTTPStatus]:
    is_public = operation.get("security") == PUBLIC
    if method != "get" and not is_public and not path.startswith(_NO_ROOMS):
        return set(PROBLEMS)  # it gives a command, and may be refused as one
    found: set[HTTPStatus] = set()
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    if "requestBody" in operation:
        found |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    if path.startswith("/shares"):
        found |= _BY_LINK
    if not is_public:
        found |= {HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE}
        found |= {HTTPStatus.FORBIDDEN} if places or method != "get" else set()
        found |= {HTTPStatus.NOT_FOUND} if "path" in places else set()
        found |= {HTTPStatus.TOO_MANY_REQUESTS} if path.startswith("/rooms/") else set()
    return found


def _name(status: HTTPStatus) -> str:
    return status.phrase.replace(" ", "")


def _response(status: HTTPStatus) -> Json:
    response: Json = {
        "description": PROBLEMS[status],
        "content": {"application/problem+json": {"schema": {"$ref": f"{SCHEMAS}Problem"}}},
    }
    return response | ({"headers": _HEADERS[status]} if status in _HEADERS else {})
