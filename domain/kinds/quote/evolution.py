"""What each event makes of a quote: one function per event, no rules. All of them take redacted text."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.kinds.quote import events as did
from domain.kinds.quote.state import MESSAGES_MAX, MESSAGES_MAX_BYTES, QuoteRoom
from domain.kinds.quote.view import Quote, QuoteMessage, RequestFace
from domain.parts.listing import with_spoken
from domain.record import Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[QuoteRoom, Any, Record], QuoteRoom]

SPOKEN: Final[tuple[type[Event], ...]] = (
    did.QuoteReceived,
    did.QuoteRevised,
    did.QuoteAccepted,
    did.QuoteRejected,
    did.MessagePosted,
)
MESSAGE_FRAME_BYTES: Final = 320
"""What a message has around its event and its author's face: ids, numbers, keys, punctuation."""


def evolve(state: QuoteRoom, record: Record) -> QuoteRoom:
    """The state after one record."""
    event = record.event
    state = replace(STEPS[type(event)](state, event, record), last_at=record.time_ms)
    return replace(state, spoken=with_spoken(state.spoken, record)) if type(event) in SPOKEN else state


def size_of(message: QuoteMessage) -> int:
    """At least the bytes of the message as JSON: a character of a name takes six at most."""
    return memoryview(message.event).nbytes + MESSAGE_FRAME_BYTES + 6 * (len(message.by.name) + len(message.by.image))


def _opened(state: QuoteRoom, event: did.QuoteOpened, record: Record) -> QuoteRoom:
    parties = event.parties
    request = RequestFace(
        id=parties.request_id,
        concept_id=parties.concept_id,
        concept_name=parties.title,
        concept_image_url=event.image_url,
        owner=parties.owner,
        seller_id=parties.seller_id,
        seller_user_id=parties.seller_user_id,
        seller_name=event.seller_name,
        message=event.message,
        created_at=record.time_ms,
        expires_at=event.expires_at,
    )
    return QuoteRoom(room=state.room, is_there=True, request=request)


def _received(state: QuoteRoom, event: did.QuoteReceived, record: Record) -> QuoteRoom:
    quote = Quote(
        id=record.id,
        pricing=event.pricing,
        total_price=event.total_price,
        estimated_days=event.estimated_days,
        customizations=event.customizations,
        notes=event.notes,
        attachments=event.attachments,
        created_at=record.time_ms,
        updated_at=record.time_ms,
        expires_at=event.expires_at,
    )
    return replace(state, quote=quote, quote_ids=(*state.quote_ids, record.id), restorable=None)


def _revised(state: QuoteRoom, event: did.QuoteRevised, record: Record) -> QuoteRoom:
    return _quote(
        state,
        record,
        revision=event.revision,
        pricing=event.pricing,
        total_price=event.total_price,
        estimated_days=event.estimated_days,
        customizations=event.customizations,
        notes=event.notes,
        attachments=event.attachments,
        expires_at=event.expires_at,
        is_viewed=False,
        viewed_at=None,
    )


def _withdrawn(state: QuoteRoom, event: did.QuoteWithdrawn, record: Record) -> QuoteRoom:
    return _quote(state, record, status="EXPIRED", expires_at=record.time_ms, is_withdrawn=True)


def _viewed(state: QuoteRoom, event: did.QuoteViewed, record: Record) -> QuoteRoom:
    return _quote(state, record, is_viewed=True, viewed_at=record.time_ms)


def _rejected(state: QuoteRoom, event: did.QuoteRejected, record: Record) -> QuoteRoom:
    rejected = _quote(state, record, status="REJECTED")
    return replace(rejected, restorable=event.quote_id) if event.why == "other_accepted" else rejected


def _expired(state: QuoteRoom, event: did.QuoteExpired, record: Record) -> QuoteRoom:
    return replace(_quote(state, record, status="EXPIRED"), restorable=None)


def _accepted(state: QuoteRoom, event: did.QuoteAccepted, record: Record) -> QuoteRoom:
    return _quote(state, record, status="ACCEPTED")


def _restored(state: QuoteRoom, event: did.QuoteRestored, record: Record) -> QuoteRoom:
    return replace(_quote(state, record, status="PENDING"), restorable=None)


def _closed(state: QuoteRoom, event: did.RequestClosed, record: Record) -> QuoteRoom:
    return replace(state, request=replace(state.request, outcome=event.outcome))


def _reopened(state: QuoteRoom, event: did.RequestReopened, record: Record) -> QuoteRoom:
    return replace(state, request=replace(state.request, outcome=None))


def _posted(state: QuoteRoom, event: did.MessagePosted, record: Record) -> QuoteRoom:
    """The newest comes in; the oldest go once there are too many or too large ones."""
    message = QuoteMessage(id=record.id, offset=record.offset, at=record.time_ms, by=record.actor, event=msgspec.Raw(record.body))
    messages, total, dropped = (*state.messages, message), state.message_bytes + size_of(message), 0
    while len(messages) - dropped > 1 and (len(messages) - dropped > MESSAGES_MAX or total > MESSAGES_MAX_BYTES):
        total -= size_of(messages[dropped])
        dropped += 1
    return replace(state, messages=messages[dropped:], message_bytes=total)


def _owner_changed(state: QuoteRoom, event: did.OwnerChanged, record: Record) -> QuoteRoom:
    return replace(state, request=replace(state.request, owner=event.parties.owner))


def _deleted(state: QuoteRoom, event: did.QuoteDeleted, record: Record) -> QuoteRoom:
    return QuoteRoom(room=state.room, is_deleted=True)


def _quote(state: QuoteRoom, record: Record, **changed: Any) -> QuoteRoom:
    assert state.quote is not None
    return replace(state, quote=replace(state.quote, updated_at=record.time_ms, **changed))


STEPS: Final[Mapping[type[Event], Step]] = {
    did.QuoteOpened: _opened,
    did.QuoteReceived: _received,
    did.QuoteRevised: _revised,
    did.QuoteWithdrawn: _withdrawn,
    did.QuoteViewed: _viewed,
    did.QuoteRejected: _rejected,
    did.QuoteExpired: _expired,
    did.QuoteAccepted: _accepted,
    did.QuoteRestored: _restored,
    did.RequestClosed: _closed,
    did.RequestReopened: _reopened,
    did.MessagePosted: _posted,
    did.OwnerChanged: _owner_changed,
    did.QuoteDeleted: _deleted,
}
"""One step per event. A test demands an entry for every event of the kind."""
