"""Offers: made and changed by the artisan, seen and declined by the owner, ended by the clock.

::

    PENDING ── settle ─▶ ACCEPTED
       ├────── reject, settle ─▶ REJECTED ── undone ─▶ PENDING
       └────── withdraw, expire, settle ─▶ EXPIRED

There is at most one open offer; after its end another may follow while the request is open.
"""

from domain.decider import Context, Decision
from domain.ids import ThingId
from domain.kinds.quote import commands as ask
from domain.kinds.quote import events as did
from domain.kinds.quote.state import OFFERS_MAX, QuoteRoom
from domain.kinds.quote.view import Quote
from domain.parts.offers import OFFER_MAX_MS, priced, total_of
from domain.rejections import LimitReached, Malformed, NotYet, UnknownThing, WrongStatus


def submit_quote(state: QuoteRoom, command: ask.SubmitQuote, context: Context) -> Decision:
    _check_request(state, context)
    if state.open_quote is not None:
        raise WrongStatus("your offer is open already: revise it, or withdraw it first")
    if len(state.quote_ids) >= OFFERS_MAX:
        raise LimitReached(f"{OFFERS_MAX} offers were made to this request, which is the most")
    _check_end(command.expires_at, context)
    pricing = priced(command.pricing)
    event = did.QuoteReceived(
        parties=state.parties,
        pricing=pricing,
        total_price=total_of(pricing),
        estimated_days=command.estimated_days,
        customizations=command.customizations,
        notes=command.notes,
        attachments=command.attachments,
        expires_at=command.expires_at,
    )
    return Decision((event,))


def revise_quote(state: QuoteRoom, command: ask.ReviseQuote, context: Context) -> Decision:
    _check_request(state, context)
    quote = _open(state)
    _check_running(quote, context)
    if _says_nothing(command):
        raise Malformed("nothing to change: give pricing, days, customizations, notes, attachments or expires_at - at `$`")
    if command.expires_at is not None:
        _check_end(command.expires_at, context)
    pricing = quote.pricing if command.pricing is None else priced(command.pricing)
    event = did.QuoteRevised(
        parties=state.parties,
        quote_id=quote.id,
        revision=quote.revision + 1,
        pricing=pricing,
        total_price=total_of(pricing),
        estimated_days=quote.estimated_days if command.estimated_days is None else command.estimated_days,
        customizations=quote.customizations if command.customizations is None else command.customizations,
        notes=quote.notes if command.notes is None else command.notes,
        attachments=quote.attachments if command.attachments is None else command.attachments,
        expires_at=quote.expires_at if command.expires_at is None else command.expires_at,
    )
    return Decision((event,))


def withdraw_quote(state: QuoteRoom, command: ask.WithdrawQuote, context: Context) -> Decision:
    quote = _open(state)
    return Decision((did.QuoteWithdrawn(parties=state.parties, quote_id=quote.id, reason=command.reason),))


def view_quote(state: QuoteRoom, command: ask.ViewQuote, context: Context) -> Decision:
    """Once for each revision: seeing it again changes nothing."""
    if state.quote is None:
        raise WrongStatus("there is no offer to look at yet")
    if state.quote.is_viewed:
        return Decision()
    return Decision((did.QuoteViewed(parties=state.parties, quote_id=state.quote.id),))


def reject_quote(state: QuoteRoom, command: ask.RejectQuote, context: Context) -> Decision:
    quote = _open(state)
    by = state.request.owner
    return Decision((did.QuoteRejected(parties=state.parties, quote_id=quote.id, actor=by, reason=command.reason),))


def expire_quote(state: QuoteRoom, command: ask.ExpireQuote, context: Context) -> Decision:
    quote = _open(state)
    if quote.id != command.quote_id:
        raise UnknownThing(f"the open offer is {quote.id}")
    if context.now_ms < quote.expires_at:
        raise NotYet("this offer has not come to its end", quote.expires_at)
    return Decision((did.QuoteExpired(parties=state.parties, quote_id=quote.id),))


def settle(state: QuoteRoom, command: ask.Settle, context: Context) -> Decision:
    """Said again, or of a request that has ended otherwise, it changes nothing; but an acceptance is refused then."""
    if command.outcome == "accepted":
        return _accepted(state, command)
    if command.outcome == "undone":
        return _undone(state, context)
    if state.request.outcome is not None:
        return Decision()
    closed = did.RequestClosed(outcome=command.outcome)
    quote = state.open_quote
    return Decision((closed,) if quote is None else (_ended(state, quote, command), closed))


def _accepted(state: QuoteRoom, command: ask.Settle) -> Decision:
    quote = state.open_quote
    if state.request.outcome is not None:
        raise WrongStatus("the request has ended in the meantime")
    if quote is None or quote.id != command.quote_id:
        raise WrongStatus("the offer is gone: it was withdrawn or has run out in the meantime")
    if command.revision is not None and quote.revision != command.revision:
        raise WrongStatus("the offer was changed in the meantime: look at it again")
    by = command.by.actor if command.by else state.request.owner
    accepted = did.QuoteAccepted(parties=state.parties, quote_id=quote.id, actor=by)
    return Decision((accepted, did.RequestClosed(outcome="accepted")))


def _undone(state: QuoteRoom, context: Context) -> Decision:
    """What another's acceptance had rejected is open again, unless its own time is over."""
    if state.request.outcome != "other_accepted":
        return Decision()
    reopened = did.RequestReopened()
    quote = state.quote
    if quote is None or quote.id != state.restorable:
        return Decision((reopened,))
    if context.now_ms >= quote.expires_at:
        return Decision((reopened, did.QuoteExpired(parties=state.parties, quote_id=quote.id)))
    restored = did.QuoteRestored(parties=state.parties, quote_id=ThingId(quote.id), revision=quote.revision)
    return Decision((reopened, restored))


def _ended(state: QuoteRoom, quote: Quote, command: ask.Settle) -> did.QuoteExpired | did.QuoteRejected:
    if command.outcome == "expired":
        return did.QuoteExpired(parties=state.parties, quote_id=quote.id, why="request")
    why: did.RejectedBy = "cancelled" if command.outcome == "cancelled" else "other_accepted"
    by = command.by.actor if command.by else state.request.owner
    return did.QuoteRejected(parties=state.parties, quote_id=quote.id, why=why, actor=by)


def _open(state: QuoteRoom) -> Quote:
    quote = state.open_quote
    if quote is None:
        raise WrongStatus("there is no open offer" + (f": the last one is {state.quote.status.lower()}" if state.quote else ""))
    return quote


def _check_running(quote: Quote, context: Context) -> None:
    if context.now_ms >= quote.expires_at:
        raise WrongStatus("this offer has run out: make a new one")


def _check_request(state: QuoteRoom, context: Context) -> None:
    if state.request.outcome is not None:
        raise WrongStatus(f"the request has ended ({state.request.outcome.replace('_', ' ')}): no offer may follow")
    if context.now_ms >= state.request.expires_at:
        raise WrongStatus("the request has run out: no offer may follow")


def _check_end(expires_at: int, context: Context) -> None:
    if expires_at <= context.now_ms:
        raise Malformed("the end of an offer lies ahead - at `$.expires_at`")
    if expires_at > context.now_ms + OFFER_MAX_MS:
        raise Malformed("an offer ends within a year - at `$.expires_at`")


def _says_nothing(command: ask.ReviseQuote) -> bool:
    given = (command.pricing, command.estimated_days, command.customizations)
    others = (command.notes, command.attachments, command.expires_at)
    return all(value is None for value in (*given, *others))
