"""What a joiner of a quote is given, at an offset. Times are Unix milliseconds, None means not yet; money is decimal strings."""

from typing import Literal, TypeAlias

import msgspec

from domain.ids import ActorId, ThingId
from domain.limits import OpenObject
from domain.parts.offers import Outcome, Pricing
from domain.record import Actor

QuoteStatus: TypeAlias = Literal["PENDING", "ACCEPTED", "REJECTED", "EXPIRED"]


class RequestFace(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, by whom and of whom. ``outcome`` is None while offers may be made."""

    id: ThingId
    concept_id: ThingId
    concept_name: str
    concept_image_url: str = ""
    owner: Actor
    seller_id: ThingId
    seller_user_id: ActorId
    seller_name: str = ""
    message: str = ""
    created_at: int
    expires_at: int
    outcome: Outcome | None = None


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The latest offer. ``status``: PENDING -> ACCEPTED | REJECTED | EXPIRED; ``is_withdrawn`` tells why it is EXPIRED."""

    id: ThingId
    status: QuoteStatus = "PENDING"
    revision: int = 1
    pricing: Pricing
    total_price: str
    estimated_days: int
    customizations: tuple[OpenObject, ...] = ()
    notes: str = ""
    attachments: tuple[str, ...] = ()
    is_viewed: bool = False
    viewed_at: int | None = None
    is_withdrawn: bool = False
    created_at: int
    updated_at: int
    expires_at: int


class QuoteMessage(msgspec.Struct, frozen=True, kw_only=True):
    """In the same shape as an event's publication: ``event`` is the ``message_posted`` itself."""

    id: ThingId
    offset: int
    at: int
    by: Actor
    event: msgspec.Raw


class QuoteView(msgspec.Struct, frozen=True, kw_only=True):
    """At most 256 KiB as JSON. ``messages`` are the newest 50, or fewer where they are large; ``quote`` the latest."""

    request: RequestFace
    quote: Quote | None = None
    messages: tuple[QuoteMessage, ...] = ()
