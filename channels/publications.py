"""What a room publishes, as JSON (PROTOCOL.md "Publications"): encoded once here, then once per format by the codec."""

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from channels.seats import RoomMessage
from domain.decider import Piece, Tick
from domain.event_codec import encode
from domain.ids import ThingId
from domain.record import Actor, Record


class _Event(msgspec.Struct, frozen=True, gc=False):
    id: ThingId
    offset: int
    at: int
    by: Actor
    event: msgspec.Raw


class _Tick(msgspec.Struct, frozen=True, gc=False):
    tick: Any
    after: int


class _Piece(msgspec.Struct, frozen=True, gc=False):
    stream: Piece


class _Signal(msgspec.Struct, frozen=True, gc=False):
    signal: msgspec.Raw
    by: Actor
    client: str


class _Opening(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The ``data`` of a subscribe reply; a recovered one has no view."""

    ticks: list[msgspec.Raw]
    streams: list[Piece]
    view: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def event_message(record: Record, event_id: ThingId) -> RoomMessage:
    """An event's publication. The event's own JSON is the record's body as it is; ``event_id`` is ``record.id``, computed once."""
    data = encode(_Event(event_id, record.offset, record.time_ms, record.actor, msgspec.Raw(record.body)))
    return RoomMessage(data=data, offset=record.offset, command_id=record.command_id, time_ms=record.time_ms)


def redacted_message(message: RoomMessage, fields_of: Callable[[str], Collection[str]]) -> RoomMessage:
    """An event's publication without what people wrote; ``fields_of`` names these fields by the event's tag."""
    published = msgspec.json.decode(message.data)
    event = published["event"]
    for name in fields_of(event["type"]):
        if event.get(name) is not None:
            event[name] = type(event[name])()
    return msgspec.structs.replace(message, data=encode(published))


def tick_data(tick: Tick | dict[str, Any], after: int) -> bytes:
    return encode(_Tick(tick, after))


def piece_message(piece: Piece) -> RoomMessage:
    return RoomMessage(data=encode(_Piece(piece)))


def signal_message(signal: bytes, by: Actor, client_id: str) -> RoomMessage:
    return RoomMessage(data=encode(_Signal(msgspec.Raw(signal), by, client_id)))


def opening_data(view: bytes | None, ticks: list[bytes], streams: list[Piece]) -> bytes:
    """What a joiner is given: the view (None for a recovered resume), the last ticks, and the streams told so far."""
    opening = _Opening([msgspec.Raw(tick) for tick in ticks], streams)
    if view is not None:
        opening = msgspec.structs.replace(opening, view=msgspec.Raw(view))
    return encode(opening)
