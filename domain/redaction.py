"""Forgetting: which fields of an event hold what people wrote, and the event without it.

An event's type marks such fields with ``Free``. Deleting a comment, erasing a person and retention all null them, in the log, the
ring, snapshots and rows; ``evolve`` takes what is left.
"""

from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar, get_type_hints

import msgspec

from domain.event_codec import encode
from domain.record import Event, Record

T = TypeVar("T")

_FREE: Final = msgspec.Meta(extra={"free": True})

Free: TypeAlias = Annotated[T, _FREE]
"""``Free[str]``, ``Free[tuple[str, ...]]``, ``Free[dict]``: written by people, nulled by redaction."""


@cache
def free_fields(event_class: type[Event]) -> tuple[str, ...]:
    """The fields of an event that redaction nulls."""
    hints: dict[str, Any] = get_type_hints(event_class, include_extras=True)
    return tuple(name for name in event_class.__struct_fields__ if _FREE in getattr(hints[name], "__metadata__", ()))


def redacted(event: Event) -> Event:
    """The event without what people wrote: empty text, list or object in its place."""
    values = {name: getattr(event, name) for name in free_fields(type(event))}
    return msgspec.structs.replace(event, **{name: type(value)() for name, value in values.items() if value is not None})


def redacted_record(record: Record) -> Record:
    """The record as it stands in the log once its words are taken back; what was redacted before is the same again."""
    event = redacted(record.event)
    return msgspec.structs.replace(record, event=event, body=encode(event))
