"""What has happened in a quote.

``parties`` says who and what the quote is between, so that reactions and projections need nothing but the event. Fields marked
``Free`` may be nulled by redaction.
"""

from typing import Literal

import msgspec

from domain.ids import ActorId, ThingId
from domain.limits import OpenObject
from domain.parts.offers import Outcome, Pricing
from domain.record import Actor, Event
from domain.redaction import Free

RejectedBy = Literal["owner", "other_accepted", "cancelled"]
ExpiredBy = Literal["quote", "request"]


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """``title`` is the concept's name; ``seller_user_id`` is who signs in for the artisan."""

    concept_id: ThingId
    request_id: ThingId
    owner: Actor
    seller_id: ThingId
    seller_user_id: ActorId
    title: str


class QuoteOpened(Event, frozen=True, kw_only=True, tag="quote_opened"):
    """The artisan is asked. ``expires_at`` is the request's end."""

    parties: Parties
    seller_name: str = ""
    image_url: str = ""
    message: Free[str] = ""
    expires_at: int


class QuoteReceived(Event, frozen=True, kw_only=True, tag="quote_received"):
    """The quote has this event's id; ``total_price`` is the sum of the four parts."""

    parties: Parties
    pricing: Pricing
    total_price: str
    estimated_days: int
    customizations: Free[tuple[OpenObject, ...]] = ()
    notes: Free[str] = ""
    attachments: Free[tuple[str, ...]] = ()
    expires_at: int


class QuoteRevised(Event, frozen=True, kw_only=True, tag="quote_revised"):
    """The whole offer as it is now; the owner has not seen it. ``revision`` counts from 1, the offer as it was made."""

    parties: Parties
    quote_id: ThingId
    revision: int
    pricing: Pricing
    total_price: str
    estimated_days: int
    customizations: Free[tuple[OpenObject, ...]] = ()
    notes: Free[str] = ""
    attachments: Free[tuple[str, ...]] = ()
    expires_at: int


class QuoteWithdrawn(Event, frozen=True, kw_only=True, tag="quote_withdrawn"):
    """The row becomes EXPIRED with this moment as its end; that it was withdrawn stands here alone."""

    parties: Parties
    quote_id: ThingId
    reason: Free[str] = ""


class QuoteViewed(Event, frozen=True, kw_only=True, tag="quote_viewed"):
    parties: Parties
    quote_id: ThingId


class QuoteRejected(Event, frozen=True, kw_only=True, tag="quote_rejected"):
    """By the owner in this room, or because of how the request has ended; ``actor`` is whose decision that was."""

    parties: Parties
    quote_id: ThingId
    why: RejectedBy = "owner"
    actor: Actor
    reason: Free[str] = ""


class QuoteExpired(Event, frozen=True, kw_only=True, tag="quote_expired"):
    parties: Parties
    quote_id: ThingId
    why: ExpiredBy = "quote"


class QuoteAccepted(Event, frozen=True, kw_only=True, tag="quote_accepted"):
    parties: Parties
    quote_id: ThingId
    actor: Actor


class QuoteRestored(Event, frozen=True, kw_only=True, tag="quote_restored"):
    """Another's acceptance had rejected it, and that was undone: it is open again."""

    parties: Parties
    quote_id: ThingId
    revision: int


class RequestClosed(Event, frozen=True, kw_only=True, tag="request_closed"):
    """The request has ended: no offer may follow."""

    outcome: Outcome


class RequestReopened(Event, frozen=True, kw_only=True, tag="request_reopened"):
    """The acceptance of another's offer was undone: offers may be made again."""


class MessagePosted(Event, frozen=True, kw_only=True, tag="message_posted"):
    parties: Parties
    text: Free[str]
    attachments: Free[tuple[str, ...]] = ()


class OwnerChanged(Event, frozen=True, kw_only=True, tag="owner_changed"):
    """The guest who asked has signed in: ``parties`` as they are now."""

    parties: Parties
    guest_id: ActorId


class QuoteDeleted(Event, frozen=True, kw_only=True, tag="quote_deleted"):
    """Nobody is shown it any more. ``quote_ids`` are all offers that were made in it."""

    parties: Parties
    quote_ids: tuple[ThingId, ...] = ()


EVENTS: tuple[type[Event], ...] = (
    QuoteOpened,
    QuoteReceived,
    QuoteRevised,
    QuoteWithdrawn,
    QuoteViewed,
    QuoteRejected,
    QuoteExpired,
    QuoteAccepted,
    QuoteRestored,
    RequestClosed,
    RequestReopened,
    MessagePosted,
    OwnerChanged,
    QuoteDeleted,
)
