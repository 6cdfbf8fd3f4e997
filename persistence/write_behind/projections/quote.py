"""What each event of a quote does to rows. Pure: everything stands in the record.

The request's own row belongs to its concept's room; what the quotes mean for its status comes from there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from domain.decider import Piece, Tick
from domain.ids import RoomAddress
from domain.kinds.quote import events as did
from domain.record import Event, Record
from persistence.write_behind.row_operations import Insert, Operation, Touch, Update, Values

TABLES: Final = ("artisan_quotes", "quote_messages")

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


def operations(record: Record) -> Sequence[Operation]:
    event = record.event
    return ROWS[type(event)](record, event)


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """Nothing passes in a quote."""
    return ()


def _quote(record: Record, event: Any, **values: Any) -> Sequence[Operation]:
    return (Update("artisan_quotes", event.quote_id, {**values, "updated_at": record.time_ms}),)


def _offer(event: did.QuoteReceived | did.QuoteRevised) -> Values:
    return {
        "pricing": msgspec.to_builtins(event.pricing),
        "total_price": event.total_price,
        "estimated_days": event.estimated_days,
        "customizations": list(event.customizations),
        "notes": event.notes or None,
        "attachments": event.attachments,
        "expires_at": event.expires_at,
    }


def _received(record: Record, event: did.QuoteReceived) -> Sequence[Operation]:
    values: Values = {
        "quote_request_id": event.parties.request_id,
        "seller_id": event.parties.seller_id,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
        **_offer(event),
    }
    return (Insert("artisan_quotes", record.id, values),)


def _revised(record: Record, event: did.QuoteRevised) -> Sequence[Operation]:
    return _quote(record, event, **_offer(event), revision=event.revision, viewed_by_buyer=False, viewed_at=None)


def _withdrawn(record: Record, event: did.QuoteWithdrawn) -> Sequence[Operation]:
    return _quote(record, event, status="EXPIRED", expires_at=record.time_ms)


def _viewed(record: Record, event: did.QuoteViewed) -> Sequence[Operation]:
    return _quote(record, event, viewed_by_buyer=True, viewed_at=record.time_ms)


def _rejected(record: Record, event: did.QuoteRejected) -> Sequence[Operation]:
    return _quote(record, event, status="REJECTED")


def _expired(record: Record, event: did.QuoteExpired) -> Sequence[Operation]:
    return _quote(record, event, status="EXPIRED")


def _accepted(record: Record, event: did.QuoteAccepted) -> Sequence[Operation]:
    return _quote(record, event, status="ACCEPTED")


def _restored(record: Record, event: did.QuoteRestored) -> Sequence[Operation]:
    return _quote(record, event, status="PENDING")


def _posted(record: Record, event: did.MessagePosted) -> Sequence[Operation]:
    values: Values = {
        "quote_request_id": event.parties.request_id,
        "seller_id": event.parties.seller_id,
        "offset": record.offset,
        "author_id": record.actor.id,
        "content": event.text,
        "attachments": event.attachments,
        "created_at": record.time_ms,
    }
    return (Insert("quote_messages", record.id, values),)


def _deleted(record: Record, event: did.QuoteDeleted) -> Sequence[Operation]:
    return tuple(Update("artisan_quotes", quote_id, {"deleted_at": record.time_ms}) for quote_id in event.quote_ids)


def _no_row(record: Record, event: Event) -> Sequence[Operation]:
    return ()


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.QuoteOpened: _no_row,
    did.QuoteReceived: _received,
    did.QuoteRevised: _revised,
    did.QuoteWithdrawn: _withdrawn,
    did.QuoteViewed: _viewed,
    did.QuoteRejected: _rejected,
    did.QuoteExpired: _expired,
    did.QuoteAccepted: _accepted,
    did.QuoteRestored: _restored,
    did.RequestClosed: _no_row,
    did.RequestReopened: _no_row,
    did.MessagePosted: _posted,
    did.OwnerChanged: _no_row,
    did.QuoteDeleted: _deleted,
}
"""What each event does. A test demands an entry for every event of the kind."""
