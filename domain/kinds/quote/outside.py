"""What a quote tells outside itself: the concept it was asked for, the two people it is between, a caller's results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain.decider import Listing, Reaction
from domain.ids import room_address
from domain.kinds.quote import events as did
from domain.kinds.quote.state import QuoteRoom
from domain.parts.notices import forgotten, noted, notice
from domain.record import Event, Record

Reactions = Sequence[Reaction]


def reactions_of(record: Record) -> Reactions:
    react = REACTIONS.get(type(record.event))
    return react(record, record.event) if react else ()


def _news(parties: did.Parties, what: str, quote_id: str, **offer: Any) -> Reaction:
    """What the concept hears of it."""
    payload = {"request_id": parties.request_id, "seller_id": parties.seller_id, "quote_id": quote_id, "what": what, **offer}
    return Reaction(target=room_address("concept", parties.concept_id), name="concept.note_quote", payload=payload)


def _to_owner(record: Record, event: Any, what: str, quote_id: str) -> Reactions:
    return notice(record, event.parties.owner.id, what, event.parties.title, thing_id=quote_id)


def _to_seller(record: Record, event: Any, what: str, thing_id: str, by: Any = None) -> Reactions:
    return notice(record, event.parties.seller_user_id, what, event.parties.title, thing_id=thing_id, by=by)


def _opened(record: Record, event: did.QuoteOpened) -> Reactions:
    parties = event.parties
    told = _to_seller(record, event, "quote_requested", parties.request_id, by=parties.owner)
    return (*noted(record, parties.owner.id, parties.seller_user_id), *told)


def _offer(event: did.QuoteReceived | did.QuoteRevised) -> dict[str, Any]:
    return {
        "total_price": event.total_price,
        "estimated_days": event.estimated_days,
        "quote_expires_at": event.expires_at,
    }


def _received(record: Record, event: did.QuoteReceived) -> Reactions:
    news = _news(event.parties, "received", record.id, revision=1, **_offer(event))
    return (news, *_to_owner(record, event, "quote_received", record.id))


def _revised(record: Record, event: did.QuoteRevised) -> Reactions:
    news = _news(event.parties, "revised", event.quote_id, revision=event.revision, **_offer(event))
    return (news, *_to_owner(record, event, "quote_revised", event.quote_id))


def _withdrawn(record: Record, event: did.QuoteWithdrawn) -> Reactions:
    return (_news(event.parties, "gone", event.quote_id), *_to_owner(record, event, "quote_withdrawn", event.quote_id))


def _viewed(record: Record, event: did.QuoteViewed) -> Reactions:
    return _to_seller(record, event, "quote_viewed", event.quote_id)


def _rejected(record: Record, event: did.QuoteRejected) -> Reactions:
    """The concept knows already what followed from how its request has ended."""
    told = _to_seller(record, event, "quote_rejected", event.quote_id, by=event.actor)
    return (_news(event.parties, "gone", event.quote_id), *told) if event.why == "owner" else told


def _expired(record: Record, event: did.QuoteExpired) -> Reactions:
    """Of the end of the whole request, its owner hears from the concept."""
    told = _to_seller(record, event, "quote_expired", event.quote_id)
    if event.why == "request":
        return told
    news = _news(event.parties, "gone", event.quote_id)
    return (news, *_to_owner(record, event, "quote_expired", event.quote_id), *told)


def _accepted(record: Record, event: did.QuoteAccepted) -> Reactions:
    return _to_seller(record, event, "quote_accepted", event.quote_id, by=event.actor)


def _posted(record: Record, event: did.MessagePosted) -> Reactions:
    """Nobody hears of what they said themselves, so it is the other one who hears of it."""
    return (*_to_owner(record, event, "quote_message", record.id), *_to_seller(record, event, "quote_message", record.id))


def _owner_changed(record: Record, event: did.OwnerChanged) -> Reactions:
    return (*noted(record, event.parties.owner.id), *forgotten(record, event.guest_id))


def _deleted(record: Record, event: did.QuoteDeleted) -> Reactions:
    return forgotten(record, event.parties.owner.id, event.parties.seller_user_id)


REACTIONS: Final[Mapping[type[Event], Callable[[Record, Any], Reactions]]] = {
    did.QuoteOpened: _opened,
    did.QuoteReceived: _received,
    did.QuoteRevised: _revised,
    did.QuoteWithdrawn: _withdrawn,
    did.QuoteViewed: _viewed,
    did.QuoteRejected: _rejected,
    did.QuoteExpired: _expired,
    did.QuoteAccepted: _accepted,
    did.MessagePosted: _posted,
    did.OwnerChanged: _owner_changed,
    did.QuoteDeleted: _deleted,
}


def listing_of(state: QuoteRoom) -> Listing:
    status = state.quote.status if state.quote else "REQUESTED"
    return Listing(
        name=state.request.concept_name,
        status=status,
        step=state.request.outcome or "",
        at_ms=state.last_at,
        spoken=state.spoken,
    )


def results_of(records: Sequence[Record]) -> dict[str, Any]:
    """Computed from the records alone, so a repeat gets the same."""
    results: dict[str, Any] = {}
    for record in records:
        match record.event:
            case did.QuoteReceived(total_price=total_price):
                results |= {"quote_id": record.id, "total_price": total_price, "revision": 1}
            case did.QuoteRevised(quote_id=quote_id, total_price=total_price, revision=revision):
                results |= {"quote_id": quote_id, "total_price": total_price, "revision": revision}
            case did.MessagePosted():
                results["message_id"] = record.id
    return results
