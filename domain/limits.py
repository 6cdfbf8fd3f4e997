"""The lengths and ranges of command fields. Columns of the same name have the same limits; a test compares the two."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta

NAME_MAX = 200
LINE_MAX = 500
URL_MAX = 2_000
TEXT_MAX = 20_000
LIST_MAX = 100
PIECE_MAX = 16_384
ERROR_MAX = 8_000
PAYLOAD_MAX_BYTES = 96 * 1024
"""A whole command as JSON. With it one event fits into a view of 256 KiB beside the row it describes."""
OBJECT_MAX_BYTES = 16 * 1024
"""One open JSON object as JSON."""
REACTIONS_MAX = 1_000
"""Commands that one event makes in other rooms; their numbers leave room for so many."""
DEPTH_MAX = 32
"""Nesting of JSON: the wire's limit, and far below what recursive decoders bear."""
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
"""A title or label: one line, 1 to 200 characters."""
Key: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
"""A natural key: small letters, digits, ``_``, ``.`` and ``-``."""
Line: TypeAlias = Annotated[str, Meta(max_length=LINE_MAX)]
Steps: TypeAlias = Annotated[tuple[Line, ...], Meta(max_length=LIST_MAX)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
PieceText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=PIECE_MAX)]
"""One piece of a stream."""
OptionalText: TypeAlias = Annotated[str, Meta(max_length=TEXT_MAX)]
ErrorText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=ERROR_MAX)]
Url: TypeAlias = Annotated[str, Meta(min_length=1, max_length=URL_MAX)]
Urls: TypeAlias = Annotated[tuple[Url, ...], Meta(max_length=20)]
Id: TypeAlias = Annotated[str, Meta(min_length=36, max_length=36, pattern=UUID_PATTERN)]
"""The canonical text of a uuid. Some name things outside the room, which nobody else looks at before they become a row."""
Ids: TypeAlias = Annotated[tuple[Id, ...], Meta(max_length=LIST_MAX)]
Paths: TypeAlias = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=URL_MAX)], ...], Meta(max_length=2_000)]
Percent: TypeAlias = Annotated[int, Meta(ge=0, le=100)]
Attempt: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
TextPosition: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
"""Characters from the beginning of a stream; a whole number that JavaScript keeps exactly."""
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Version: TypeAlias = Annotated[str, Meta(max_length=50, pattern=r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$")]
"""Semantic version, three numbers: ``1.4.0``."""
CommitHash: TypeAlias = Annotated[str, Meta(max_length=64, pattern=r"^[0-9a-f]*$")]
OpenObject: TypeAlias = dict[str, Any]
"""A JSON field: known keys typed by who reads them, unknown ones kept; bounded in size and depth at the edge."""
