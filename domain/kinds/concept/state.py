"""What a concept's rules need to know, and what a joiner sees: small, immutable, and the same live, in replay and in snapshots.

Everything here is bounded, by rules that refuse more. A later release may raise a bound but not lower it.
"""

from typing import Final

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId, id_of
from domain.kinds.concept.view import Face, Image, Match, Offer, Preview, Product, Refinement, Request, ShareLine, Video
from domain.limits import OpenObject
from domain.parts.listing import Spoken

IMAGES_MAX: Final = 50
"""More than anybody looks through; a generated concept has up to a dozen."""
PREVIEWS_MAX: Final = 30
REFINEMENTS_MAX: Final = 30
"""Refinements that may be open at once: bots answer in seconds, so more than that is a bot that is away."""
REQUESTS_MAX: Final = 20
"""Requests of a concept, ended ones too. All are kept: a claim has to reach every room that hangs on them."""
VIDEOS_ACTIVE_MAX: Final = 10
"""Videos that may wait or be made at once, so that a concept without a bot does not grow for ever."""
VIDEOS_KEPT: Final = 10
"""Finished videos kept, the newest; all are rows."""
SHARES_MAX: Final = 100
"""Open shares. The concept revokes one that comes beyond that: it must be able to end all of them with itself."""

OPEN_REQUEST: Final = frozenset({"PENDING", "QUOTES_RECEIVED"})
ACTIVE_VIDEO: Final = frozenset({"QUEUED", "PROCESSING"})

NO_FACE: Final = Face(id="", owner_id=ActorId(""), name="", created_at=0, updated_at=0)


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one concept. ``is_there`` is False before it is created and after it is deleted.

    ``images`` are in the order of their positions, all else in the order in which it came. ``has_score`` tells an empty score from
    none. ``last_at`` is the time of the newest event.
    """

    room: RoomAddress
    is_there: bool = False
    is_deleted: bool = False
    face: Face = NO_FACE
    session_hash: str = ""
    images: tuple[Image, ...] = ()
    products: tuple[Product, ...] = ()
    matches: tuple[Match, ...] = ()
    refinements: tuple[Refinement, ...] = ()
    requests: tuple[Request, ...] = ()
    videos: tuple[Video, ...] = ()
    previews: tuple[Preview, ...] = ()
    score: OpenObject = {}
    has_score: bool = False
    shares: tuple[ShareLine, ...] = ()
    spoken: Spoken = ()
    last_at: int = 0

    @property
    def id(self) -> str:
        return id_of(self.room)

    @property
    def open_shares(self) -> tuple[RoomAddress, ...]:
        return tuple(share.room for share in self.shares)

    @property
    def active_videos(self) -> tuple[Video, ...]:
        return tuple(video for video in self.videos if video.status in ACTIVE_VIDEO)

    @property
    def open_requests(self) -> tuple[Request, ...]:
        return tuple(request for request in self.requests if request.status in OPEN_REQUEST)

    def image(self, image_id: str) -> Image | None:
        return next((image for image in self.images if image.id == image_id), None)

    def preview(self, preview_id: str) -> Preview | None:
        return next((preview for preview in self.previews if preview.id == preview_id), None)

    def refinement(self, refinement_id: str) -> Refinement | None:
        return next((refinement for refinement in self.refinements if refinement.id == refinement_id), None)

    def request(self, request_id: str) -> Request | None:
        return next((request for request in self.requests if request.id == request_id), None)

    def video(self, video_id: str) -> Video | None:
        return next((video for video in self.videos if video.id == video_id), None)


def cover_of(images: tuple[Image, ...]) -> str:
    """The address of the image that stands for the concept; empty where there is none."""
    return images[0].url if images else ""


def offer_of(request: Request, seller_id: str) -> Offer | None:
    return next((offer for offer in request.offers if offer.seller_id == seller_id), None)


def rooms_of(request: Request, *, but: ThingId | None = None) -> tuple[RoomAddress, ...]:
    """The quote rooms of a request, without the one whose offer is ``but``."""
    return tuple(offer.room for offer in request.offers if but is None or offer.quote_id != but)
