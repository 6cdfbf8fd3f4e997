"""Bytes <-> events, records and states, with upcasters by (tag, version).

The body of an event is JSON tagged by ``type``: the same bytes go into the journal, into the publication and into Postgres, so an
event is encoded once. Everything here derives from types; an unknown tag or version is an error, never skipped.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from immutables import Map

from domain.decider import Command, Decider, Registry, Tick
from domain.ids import CommandId, RoomAddress, kind_of
from domain.record import Actor, Event, Record

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""An event's fields as an older version wrote them -> as the next version has them."""

_T = TypeVar("_T")


class UnknownEvent(Exception):
    """A tag or version that this release does not know: the room stays closed on this node until a release that does."""


def to_plain(value: object) -> object:
    """msgspec's ``enc_hook``: persistent maps are written as JSON objects."""
    if isinstance(value, Map):
        return dict(value)
    raise NotImplementedError(f"cannot encode {type(value).__name__}")


def from_plain(wanted: type[Any], value: Any) -> object:
    """msgspec's ``dec_hook``: JSON objects are read as persistent maps."""
    if get_origin(wanted) is Map:
        key, item = get_args(wanted)
        return Map(msgspec.convert(value, dict[key, item], dec_hook=from_plain))  # type: ignore[valid-type]  # types at run time
    raise NotImplementedError(f"cannot decode {wanted}")


UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading JSON raises where the bytes are not what was asked for: for broken UTF-8 and too deep nesting not msgspec's own."""

_encoder = msgspec.json.Encoder(enc_hook=to_plain)
_canonical = msgspec.json.Encoder(enc_hook=to_plain, order="deterministic")


def encode(value: object) -> bytes:
    """JSON of any struct of ours, persistent maps included."""
    return _encoder.encode(value)


def decode(body: bytes | msgspec.Raw, wanted: type[_T]) -> _T:
    return msgspec.json.decode(body, type=wanted, dec_hook=from_plain)


def digest_of(command: Command) -> str:
    """16 hex digits over a command's type and content; ``receipt`` is how, not what, and does not count."""
    content = command if command.receipt == "durable" else msgspec.structs.replace(command, receipt="durable")
    body = type(command).__qualname__.encode() + _canonical.encode(content)
    return hashlib.blake2b(body, digest_size=8).hexdigest()


class EventKey(NamedTuple):
    kind: str
    tag: str


class _StoredRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A record as the journal writes it. Fields are only ever added at the end."""

    room: RoomAddress
    offset: int
    time_ms: int
    actor: Actor
    command_id: CommandId
    ordinal: int
    last: bool
    digest: str
    version: int
    body: msgspec.Raw


class EventCodec:
    """The events of a registry of kinds.

    ``upcasters`` map (kind, tag, version) to the step from that version to the next. An event class may state ``version`` as a
    class variable; it is 1 otherwise.
    """

    def __init__(self, kinds: Registry, upcasters: Mapping[tuple[str, str, int], Upcaster] | None = None) -> None:
        self._classes: dict[EventKey, type[Event]] = {}
        self._decoders: dict[EventKey, msgspec.json.Decoder[Event]] = {}
        self._upcasters = dict(upcasters or {})
        for decider in kinds.values():
            for event_class in decider.events:
                self._learn(decider.kind, event_class)
        self._records = msgspec.json.Decoder(tuple[_StoredRecord, ...])

    def _learn(self, kind: str, event_class: type[Event]) -> None:
        key = EventKey(kind, tag_of(event_class))
        if key in self._classes:
            raise ValueError(f"two events of {kind} have the tag {key.tag!r}")
        self._classes[key] = event_class
        self._decoders[key] = msgspec.json.Decoder(event_class, dec_hook=from_plain)

    def encode_event(self, event: Event) -> bytes:
        return _encoder.encode(event)

    def decode_event(self, kind: str, tag: str, version: int, body: bytes | msgspec.Raw) -> Event:
        """Raises ``UnknownEvent`` for a tag or version of another release."""
        key = EventKey(kind, tag)
        event_class = self._classes.get(key)
        if event_class is None:
            raise UnknownEvent(f"{kind} has no event {tag!r}: it was written by another release")
        current = version_of(event_class)
        if version == current:
            return self._decoders[key].decode(body)
        if version > current:
            raise UnknownEvent(f"{kind} {tag!r} version {version} is newer than this release (version {current})")
        fields: dict[str, Any] = msgspec.json.decode(body)
        for step in range(version, current):
            upcast = self._upcasters.get((kind, tag, step))
            if upcast is None:
                raise UnknownEvent(f"{kind} {tag!r} has no version {step}")
            fields = upcast(fields)
        return msgspec.convert(fields, event_class, dec_hook=from_plain)

    def encode_records(self, records: Sequence[Record]) -> bytes:
        """One batch of the journal as one blob."""
        return _encoder.encode([_to_stored(record) for record in records])

    def decode_records(self, blob: bytes) -> tuple[Record, ...]:
        """Raises ``UnknownEvent``, or one of ``UNREADABLE``."""
        return tuple(self._from_stored(stored) for stored in self._records.decode(blob))

    def _from_stored(self, stored: _StoredRecord) -> Record:
        body = bytes(stored.body)
        event = self.decode_event(kind_of(stored.room), _tag_in(body), stored.version, body)
        return Record(
            room=stored.room,
            offset=stored.offset,
            time_ms=stored.time_ms,
            actor=stored.actor,
            command_id=stored.command_id,
            ordinal=stored.ordinal,
            last=stored.last,
            digest=stored.digest,
            event=event,
            version=stored.version,
            body=body,
        )


class _Tagged(msgspec.Struct):
    type: str


_tag_decoder = msgspec.json.Decoder(_Tagged)


def _tag_in(body: bytes) -> str:
    return _tag_decoder.decode(body).type


def _to_stored(record: Record) -> _StoredRecord:
    return _StoredRecord(
        record.room,
        record.offset,
        record.time_ms,
        record.actor,
        record.command_id,
        record.ordinal,
        record.last,
        record.digest,
        record.version,
        msgspec.Raw(record.body),
    )


@cache
def tag_of(event_class: type[Event]) -> str:
    """The stable tag of an event class."""
    tag = event_class.__struct_config__.tag
    if not isinstance(tag, str):
        raise TypeError(f"{event_class.__name__} needs an explicit tag")
    return tag


def tick_of(decider: Decider[Any], body: bytes) -> Tick | None:
    """A kept tick as its kind writes it now; None for one that this release does not know any more: the next replaces it."""
    try:
        return _tick_decoder(tuple(decider.ticks)).decode(body)
    except msgspec.DecodeError:
        return None


@cache
def _tick_decoder(ticks: tuple[type[Tick], ...]) -> msgspec.json.Decoder[Tick]:
    return msgspec.json.Decoder(Union[ticks], dec_hook=from_plain)  # noqa: UP007  # the classes are known at run time alone


def class_of(events: Sequence[type[Event]], tag: str) -> type[Event]:
    """The event class of a tag among a kind's ``events``."""
    return next(event_class for event_class in events if tag_of(event_class) == tag)


def version_of(event_class: type[Event]) -> int:
    return int(getattr(event_class, "version", 1))
