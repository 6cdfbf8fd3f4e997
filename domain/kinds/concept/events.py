"""What has happened in a concept.

Events carry results and whatever their reactions need: ``shares`` are the shares that are open at that moment, ``owner_id`` and
``title`` (the concept's name) are for notifications. Fields marked ``Free`` may be nulled by redaction.
"""

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.concept.commands import RefinementType, SceneType, ShareNews, VideoStyle
from domain.kinds.concept.view import Match, OwnerKind, Product, RequestStatus
from domain.limits import OpenObject
from domain.parts.offers import News
from domain.record import Event
from domain.redaction import Free

Shares = tuple[RoomAddress, ...]


class AskedSeller(msgspec.Struct, frozen=True, kw_only=True):
    """An artisan whom a request goes to; ``room`` is the quote's."""

    seller_id: ThingId
    user_id: ActorId
    name: str = ""
    room: RoomAddress


class ConceptCreated(Event, frozen=True, kw_only=True, tag="concept_created"):
    """``session_hash`` is the SHA-256 (hex) of a guest's session, empty for people."""

    owner_id: ActorId
    owner_kind: OwnerKind
    session_hash: str = ""
    name: str
    description: Free[str] = ""
    visit_id: ThingId | None = None


class DetailsChanged(Event, frozen=True, kw_only=True, tag="details_changed"):
    """Both fields as they are now."""

    name: str
    description: Free[str] = ""
    shares: Shares = ()


class ConceptDeleted(Event, frozen=True, kw_only=True, tag="concept_deleted"):
    """What still ran has failed, and what was asked for was cancelled, by the events before this one."""

    owner_id: ActorId
    shares: Shares = ()


class ConceptClaimed(Event, frozen=True, kw_only=True, tag="concept_claimed"):
    """The guest's concept is the person's now; ``request_ids`` and ``quotes`` are all that hang on it."""

    guest_id: ActorId
    owner_id: ActorId
    owner_name: str = ""
    request_ids: tuple[ThingId, ...] = ()
    quotes: tuple[RoomAddress, ...] = ()


class ImageAdded(Event, frozen=True, kw_only=True, tag="image_added"):
    """The image has this event's id. ``cover_url`` is the concept's face with it."""

    url: str
    format: str
    position: int
    cover_url: str
    shares: Shares = ()


class ImageOptimized(Event, frozen=True, kw_only=True, tag="image_optimized"):
    """All fields as they are now."""

    image_id: ThingId
    versions: OpenObject = {}
    compression_ratio: float | None = None
    format: str
    priority: int = 0


class ImageRemoved(Event, frozen=True, kw_only=True, tag="image_removed"):
    image_id: ThingId
    cover_url: str = ""
    shares: Shares = ()


class ProductsGenerated(Event, frozen=True, kw_only=True, tag="products_generated"):
    """``gone`` are those whose place these take."""

    products: tuple[Product, ...] = ()
    gone: tuple[ThingId, ...] = ()


class ArtisansMatched(Event, frozen=True, kw_only=True, tag="artisans_matched"):
    """A match keeps its id while its artisan is matched: ``kept`` were there before, ``gone`` no longer are."""

    matches: tuple[Match, ...] = ()
    kept: tuple[ThingId, ...] = ()
    gone: tuple[ThingId, ...] = ()


class ConceptFavoured(Event, frozen=True, kw_only=True, tag="concept_favoured"):
    pass


class ConceptUnfavoured(Event, frozen=True, kw_only=True, tag="concept_unfavoured"):
    pass


class ArPreviewAdded(Event, frozen=True, kw_only=True, tag="ar_preview_added"):
    """The preview has this event's id."""

    scene_type: SceneType
    image_url: str
    placement: OpenObject = {}
    metadata: OpenObject = {}
    shares: Shares = ()


class ArPreviewRemoved(Event, frozen=True, kw_only=True, tag="ar_preview_removed"):
    preview_id: ThingId
    shares: Shares = ()


class RefinementRequested(Event, frozen=True, kw_only=True, tag="refinement_requested"):
    """The refinement has this event's id; its row comes with the suggestion."""

    refinement_type: RefinementType
    feedback: Free[str]


class RefinementSuggested(Event, frozen=True, kw_only=True, tag="refinement_suggested"):
    """Complete, for its row is written here: ``refinement_type`` and ``feedback`` are the request's."""

    refinement_id: ThingId
    refinement_type: RefinementType
    feedback: Free[str]
    changes: OpenObject = {}
    explanation: Free[str]
    confidence: float
    owner_id: ActorId
    title: str


class RefinementApplied(Event, frozen=True, kw_only=True, tag="refinement_applied"):
    """``changes`` are those that were taken, ``refinement_count`` counts this one in."""

    refinement_id: ThingId
    changes: OpenObject = {}
    refinement_count: int
    shares: Shares = ()


class RefinementDismissed(Event, frozen=True, kw_only=True, tag="refinement_dismissed"):
    """``was_suggested`` is False where nobody had answered yet: then there is no row."""

    refinement_id: ThingId
    was_suggested: bool


class QuotesRequested(Event, frozen=True, kw_only=True, tag="quotes_requested"):
    """The request has this event's id and opens a room for each of ``sellers``. ``image_url`` is the concept's face."""

    sellers: tuple[AskedSeller, ...]
    message: Free[str] = ""
    expires_at: int
    title: str
    image_url: str = ""
    session_hash: str = ""


class QuotesCancelled(Event, frozen=True, kw_only=True, tag="quotes_cancelled"):
    """``quotes`` are the rooms of the request."""

    request_id: ThingId
    quotes: tuple[RoomAddress, ...] = ()


class QuotesExpired(Event, frozen=True, kw_only=True, tag="quotes_expired"):
    request_id: ThingId
    quotes: tuple[RoomAddress, ...] = ()
    owner_id: ActorId
    title: str


class QuoteAccepted(Event, frozen=True, kw_only=True, tag="quote_accepted"):
    """``accepted`` is the room of the quote that was taken as ``revision``, ``others`` are the other rooms of the request."""

    request_id: ThingId
    quote_id: ThingId
    revision: int
    accepted: RoomAddress
    others: tuple[RoomAddress, ...] = ()


class AcceptanceUndone(Event, frozen=True, kw_only=True, tag="acceptance_undone"):
    """The quote was gone or changed by then: the request is open again, in ``status``."""

    request_id: ThingId
    quote_id: ThingId
    reason: str = ""
    status: RequestStatus
    others: tuple[RoomAddress, ...] = ()


class QuoteNoted(Event, frozen=True, kw_only=True, tag="quote_noted"):
    """``status`` is the request's after it. Price and days are there while the quote is open."""

    request_id: ThingId
    seller_id: ThingId
    quote_id: ThingId
    what: News
    revision: int = 1
    total_price: str | None = None
    estimated_days: int | None = None
    quote_expires_at: int | None = None
    status: RequestStatus


class ShareNoted(Event, frozen=True, kw_only=True, tag="share_noted"):
    """``refused_because`` says why the concept will not have this share; then it is revoked."""

    share: RoomAddress
    status: ShareNews
    title: str = ""
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    expires_at: int | None = None
    refused_because: str = ""


class VideoQueued(Event, frozen=True, kw_only=True, tag="video_queued"):
    """The video has this event's id."""

    style: VideoStyle
    duration: int


class VideoStarted(Event, frozen=True, kw_only=True, tag="video_started"):
    video_id: ThingId


class VideoCompleted(Event, frozen=True, kw_only=True, tag="video_completed"):
    video_id: ThingId
    video_url: str
    thumbnail_url: str = ""
    owner_id: ActorId
    title: str
    shares: Shares = ()


class VideoFailed(Event, frozen=True, kw_only=True, tag="video_failed"):
    """``progress`` is how far it had come, ticks included."""

    video_id: ThingId
    error: Free[str]
    progress: int = 0
    owner_id: ActorId
    title: str


class SustainabilityScored(Event, frozen=True, kw_only=True, tag="sustainability_scored"):
    """The whole score as it is now."""

    score: OpenObject = {}
    is_first: bool
    shares: Shares = ()


EVENTS: tuple[type[Event], ...] = (
    ConceptCreated,
    DetailsChanged,
    ConceptDeleted,
    ConceptClaimed,
    ImageAdded,
    ImageOptimized,
    ImageRemoved,
    ProductsGenerated,
    ArtisansMatched,
    ConceptFavoured,
    ConceptUnfavoured,
    ArPreviewAdded,
    ArPreviewRemoved,
    RefinementRequested,
    RefinementSuggested,
    RefinementApplied,
    RefinementDismissed,
    QuotesRequested,
    QuotesCancelled,
    QuotesExpired,
    QuoteAccepted,
    AcceptanceUndone,
    QuoteNoted,
    ShareNoted,
    VideoQueued,
    VideoStarted,
    VideoCompleted,
    VideoFailed,
    SustainabilityScored,
)
