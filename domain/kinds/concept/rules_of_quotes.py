"""Requests for quotes. The owner accepts here and not in the quote's room, so that of two devices one is refused.

::

    PENDING ◀─ no open offer is left ─ first open offer ─▶ QUOTES_RECEIVED ── accept ─▶ ACCEPTED
       │                                                     │     ▲                       │
       └──────────── cancel, expire ──▶ CANCELLED, EXPIRED ◀─┘     └── undo_acceptance ────┘

An acceptance is final once the quote's room has settled it. An offer that was gone, or had another price by then, is refused there;
the refusal comes back here and the request is open again.
"""

from collections.abc import Iterable

import msgspec

from domain.decider import Context, Decision, Ref
from domain.ids import ActorId, ThingId, keyed_id, room_address
from domain.kinds.concept import commands as ask
from domain.kinds.concept import events as did
from domain.kinds.concept.rules_of_contents import seller_of
from domain.kinds.concept.state import OPEN_REQUEST, REQUESTS_MAX, Concept, cover_of, offer_of, rooms_of
from domain.kinds.concept.view import Offer, Request, RequestStatus
from domain.parts.offers import OFFER_MAX_MS
from domain.rejections import LimitReached, Malformed, NotYet, OutOfOrder, UnknownThing, WrongStatus

replace = msgspec.structs.replace


def refs_of_request(command: ask.RequestQuotes) -> Iterable[Ref]:
    return tuple(Ref("seller", seller_id) for seller_id in dict.fromkeys(command.sellers))


def request_quotes(state: Concept, command: ask.RequestQuotes, context: Context) -> Decision:
    """The event's id is the request's, and the address of each quote room follows from it and the artisan."""
    if state.open_requests:
        raise WrongStatus("a request is open already: wait for its end, or call it off (concept.cancel_quotes)")
    if len(state.requests) >= REQUESTS_MAX:
        raise LimitReached(f"a concept has at most {REQUESTS_MAX} requests: make a new concept of it")
    _check_end(command.expires_at, context)
    event = did.QuotesRequested(
        sellers=_asked(state, command, context),
        message=command.message,
        expires_at=command.expires_at,
        title=state.face.name,
        image_url=cover_of(state.images),
        session_hash=state.session_hash,
    )
    return Decision((event,))


def cancel_quotes(state: Concept, command: ask.CancelQuotes, context: Context) -> Decision:
    request = _open_request(state, command.request_id)
    return Decision((did.QuotesCancelled(request_id=request.id, quotes=rooms_of(request)),))


def accept_quote(state: Concept, command: ask.AcceptQuote, context: Context) -> Decision:
    request, offer = _offer(state, command.quote_id)
    if request.status not in OPEN_REQUEST:
        raise WrongStatus(f"this request is {_words(request.status)}: nothing more can be accepted")
    if context.now_ms >= request.expires_at:
        raise WrongStatus("this request has run out: ask again (concept.request_quotes)")
    if offer.status != "open":
        raise WrongStatus("this offer is gone: it was withdrawn, rejected or has run out")
    if offer.expires_at is not None and context.now_ms >= offer.expires_at:
        raise WrongStatus("this offer has run out: ask the artisan for another one")
    if command.revision is not None and command.revision != offer.revision:
        raise OutOfOrder(f"this offer was changed: it is revision {offer.revision} now, look at it again")
    quote_id = ThingId(command.quote_id)
    event = did.QuoteAccepted(
        request_id=request.id,
        quote_id=quote_id,
        revision=offer.revision,
        accepted=offer.room,
        others=rooms_of(request, but=quote_id),
    )
    return Decision((event,))


def undo_acceptance(state: Concept, command: ask.UndoAcceptance, context: Context) -> Decision:
    request = _request(state, command.request_id)
    if request.status != "ACCEPTED" or request.accepted_quote_id != command.quote_id:
        raise WrongStatus("this offer is not the accepted one")
    event = did.AcceptanceUndone(
        request_id=request.id,
        quote_id=ThingId(command.quote_id),
        reason=command.reason,
        status=_status_of(request.offers),
        others=rooms_of(request, but=request.accepted_quote_id),
    )
    return Decision((event,))


def expire_quotes(state: Concept, command: ask.ExpireQuotes, context: Context) -> Decision:
    request = _open_request(state, command.request_id)
    if context.now_ms < request.expires_at:
        raise NotYet("this request has not come to its end", request.expires_at)
    event = did.QuotesExpired(request_id=request.id, quotes=rooms_of(request), owner_id=state.face.owner_id, title=state.face.name)
    return Decision((event,))


def note_quote(state: Concept, command: ask.NoteQuote, context: Context) -> Decision:
    """What was said of an offer that another one has replaced changes nothing."""
    request = _request(state, command.request_id)
    offer = offer_of(request, command.seller_id)
    if offer is None:
        raise UnknownThing(f"this request did not go to the artisan {command.seller_id}")
    if command.what != "received" and offer.quote_id != command.quote_id:
        return Decision()
    is_open = command.what != "gone"
    event = did.QuoteNoted(
        request_id=request.id,
        seller_id=offer.seller_id,
        quote_id=ThingId(command.quote_id),
        what=command.what,
        revision=command.revision,
        total_price=command.total_price if is_open else None,
        estimated_days=command.estimated_days if is_open else None,
        quote_expires_at=command.quote_expires_at if is_open else None,
        status=_status_after(request, offer, is_open=is_open),
    )
    return Decision((event,))


def _asked(state: Concept, command: ask.RequestQuotes, context: Context) -> tuple[did.AskedSeller, ...]:
    if command.sellers:
        found = {seller_id: _named(context, seller_id) for seller_id in command.sellers}
    else:
        found = {match.seller_id: (match.user_id, match.name) for match in state.matches if match.user_id}
    if not found:
        raise WrongStatus("no artisan who could answer was matched with this concept: name some in `sellers`")
    request_id = context.id_of_event()
    asked = [_asked_seller(request_id, seller_id, *who) for seller_id, who in found.items()]
    others = tuple(seller for seller in asked if seller.user_id != state.face.owner_id)
    if not others or (command.sellers and len(others) != len(asked)):
        raise Malformed("you cannot ask yourself for an offer - at `$.sellers`")
    return others[: ask.SELLERS_MAX]


def _asked_seller(request_id: ThingId, seller_id: str, user_id: str, name: str) -> did.AskedSeller:
    room = room_address("quote", keyed_id("quote", request_id, seller_id))
    return did.AskedSeller(seller_id=ThingId(seller_id), user_id=ActorId(user_id), name=name, room=room)


def _named(context: Context, seller_id: str) -> tuple[str, str]:
    """(user id, name) of an artisan who can be asked."""
    seller = seller_of(context, seller_id)
    if not seller.is_active or not seller.user_id:
        raise WrongStatus(f"{seller.name or seller_id} takes no requests at the moment: leave them out")
    return seller.user_id, seller.name


def _check_end(expires_at: int, context: Context) -> None:
    if expires_at <= context.now_ms:
        raise Malformed("the end of a request lies ahead - at `$.expires_at`")
    if expires_at > context.now_ms + OFFER_MAX_MS:
        raise Malformed("a request ends within a year - at `$.expires_at`")


def _request(state: Concept, request_id: str) -> Request:
    request = state.request(request_id)
    if request is None:
        raise UnknownThing(f"no request of this concept has the id {request_id}")
    return request


def _open_request(state: Concept, request_id: str | None) -> Request:
    if request_id is None:
        if not state.open_requests:
            raise WrongStatus("no request is open")
        return state.open_requests[-1]
    request = _request(state, request_id)
    if request.status not in OPEN_REQUEST:
        raise WrongStatus(f"this is for an open request; this one is {_words(request.status)}")
    return request


def _offer(state: Concept, quote_id: str) -> tuple[Request, Offer]:
    for request in reversed(state.requests):
        for offer in request.offers:
            if offer.quote_id == quote_id:
                return request, offer
    raise UnknownThing(f"no artisan has made an offer with the id {quote_id} to this concept, or a newer one has replaced it")


def _status_after(request: Request, offer: Offer, *, is_open: bool) -> RequestStatus:
    if request.status not in OPEN_REQUEST:
        return request.status
    noted = replace(offer, status="open" if is_open else "gone")
    return _status_of(tuple(noted if other.seller_id == offer.seller_id else other for other in request.offers))


def _status_of(offers: tuple[Offer, ...]) -> RequestStatus:
    return "QUOTES_RECEIVED" if any(offer.status == "open" for offer in offers) else "PENDING"


def _words(status: RequestStatus) -> str:
    return status.lower().replace("_", " ")
