"""What the events of requests for quotes make of a concept."""

from collections.abc import Callable

import msgspec

from domain.kinds.concept import events as did
from domain.kinds.concept.state import Concept
from domain.kinds.concept.view import Offer, Request
from domain.record import Record

replace = msgspec.structs.replace


def requested(state: Concept, event: did.QuotesRequested, record: Record) -> Concept:
    request = Request(
        id=record.id,
        message=event.message,
        created_at=record.time_ms,
        expires_at=event.expires_at,
        offers=tuple(Offer(seller_id=seller.seller_id, seller_name=seller.name, room=seller.room) for seller in event.sellers),
    )
    return replace(state, requests=(*state.requests, request))


def cancelled(state: Concept, event: did.QuotesCancelled, record: Record) -> Concept:
    return _with(state, event.request_id, lambda request: replace(request, status="CANCELLED", ended_at=record.time_ms))


def expired(state: Concept, event: did.QuotesExpired, record: Record) -> Concept:
    return _with(state, event.request_id, lambda request: replace(request, status="EXPIRED", ended_at=record.time_ms))


def accepted(state: Concept, event: did.QuoteAccepted, record: Record) -> Concept:
    return _with(
        state,
        event.request_id,
        lambda request: replace(
            request, status="ACCEPTED", accepted_quote_id=event.quote_id, ended_at=record.time_ms, undone_because=""
        ),
    )


def undone(state: Concept, event: did.AcceptanceUndone, record: Record) -> Concept:
    return _with(
        state,
        event.request_id,
        lambda request: replace(request, status=event.status, accepted_quote_id=None, ended_at=None, undone_because=event.reason),
    )


def quote_noted(state: Concept, event: did.QuoteNoted, record: Record) -> Concept:
    return _with(state, event.request_id, lambda request: _noted(request, event, record))


def _noted(request: Request, event: did.QuoteNoted, record: Record) -> Request:
    offers = tuple(_offer(offer, event, record) if offer.seller_id == event.seller_id else offer for offer in request.offers)
    return replace(request, status=event.status, offers=offers)


def _offer(offer: Offer, event: did.QuoteNoted, record: Record) -> Offer:
    return replace(
        offer,
        status="gone" if event.what == "gone" else "open",
        quote_id=event.quote_id,
        revision=event.revision,
        total_price=event.total_price,
        estimated_days=event.estimated_days,
        expires_at=event.quote_expires_at,
        noted_at=record.time_ms,
    )


def _with(state: Concept, request_id: str, change: Callable[[Request], Request]) -> Concept:
    return replace(state, requests=tuple(change(request) if request.id == request_id else request for request in state.requests))
