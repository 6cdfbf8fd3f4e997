"""What a quote's rules need to know, and what a joiner sees: small, immutable, and the same live, in replay and in snapshots."""

from typing import Final

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId, id_of
from domain.kinds.quote.events import Parties
from domain.kinds.quote.view import Quote, QuoteMessage, RequestFace
from domain.parts.listing import Spoken
from domain.record import Actor

MESSAGES_MAX: Final = 50
MESSAGES_MAX_BYTES: Final = 128 * 1024
"""Messages kept, newest first: the view's 50, or fewer where they are large. The newest is always kept."""
OFFERS_MAX: Final = 20
"""Offers of one artisan to one request, one after the other: after that many refusals there is nothing left to offer."""

NO_REQUEST: Final = RequestFace(
    id=ThingId(""),
    concept_id=ThingId(""),
    concept_name="",
    owner=Actor(id=ActorId("")),
    seller_id=ThingId(""),
    seller_user_id=ActorId(""),
    created_at=0,
    expires_at=0,
)


class QuoteRoom(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one artisan's part in a request. ``is_there`` is False before it is opened and after it is deleted.

    ``quote`` is the latest offer, ``quote_ids`` are all of them. ``restorable`` is the one that another's acceptance rejected.
    ``message_bytes`` is what ``MESSAGES_MAX_BYTES`` counts.
    """

    room: RoomAddress
    is_there: bool = False
    is_deleted: bool = False
    request: RequestFace = NO_REQUEST
    quote: Quote | None = None
    quote_ids: tuple[ThingId, ...] = ()
    restorable: ThingId | None = None
    messages: tuple[QuoteMessage, ...] = ()
    message_bytes: int = 0
    spoken: Spoken = ()
    last_at: int = 0

    @property
    def id(self) -> str:
        return id_of(self.room)

    @property
    def open_quote(self) -> Quote | None:
        return self.quote if self.quote is not None and self.quote.status == "PENDING" else None

    @property
    def parties(self) -> Parties:
        request = self.request
        return Parties(
            concept_id=request.concept_id,
            request_id=request.id,
            owner=request.owner,
            seller_id=request.seller_id,
            seller_user_id=request.seller_user_id,
            title=request.concept_name,
        )
