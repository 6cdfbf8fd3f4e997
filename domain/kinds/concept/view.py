"""What a joiner of a concept is given, at an offset. Times are Unix milliseconds, None means not yet; money is decimal strings."""

from typing import Literal, TypeAlias

import msgspec

from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.concept.commands import RefinementType, SceneType, VideoStyle
from domain.limits import OpenObject

ConceptStatus: TypeAlias = Literal["ACTIVE", "DELETED"]
RequestStatus: TypeAlias = Literal["PENDING", "QUOTES_RECEIVED", "ACCEPTED", "EXPIRED", "CANCELLED"]
JobStatus: TypeAlias = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]
OwnerKind: TypeAlias = Literal["user", "guest"]


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """The concept's own row."""

    id: str
    owner_id: ActorId
    owner_kind: OwnerKind = "user"
    name: str
    description: str = ""
    status: ConceptStatus = "ACTIVE"
    refinement_count: int = 0
    is_favorite: bool = False
    saved_at: int | None = None
    saved_by: ActorId | None = None
    visit_id: ThingId | None = None
    created_at: int
    updated_at: int


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """``versions`` maps thumbnail, mobile, tablet, desktop to addresses."""

    id: ThingId
    url: str
    position: int
    format: str
    versions: OpenObject = {}
    compression_ratio: float | None = None
    priority: int = 0
    created_at: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    id: ThingId
    name: str
    price: str | None = None
    image_url: str = ""
    data: OpenObject = {}


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An artisan as they were when they were matched. ``user_id`` is empty where nobody answers for them."""

    id: ThingId
    seller_id: ThingId
    user_id: str = ""
    name: str = ""
    score: float
    reasons: tuple[str, ...] = ()


class Refinement(msgspec.Struct, frozen=True, kw_only=True):
    """One that is open: ``requested`` -> ``suggested``; applied and dismissed ones are to be had by HTTP."""

    id: ThingId
    refinement_type: RefinementType
    feedback: str = ""
    status: Literal["requested", "suggested"] = "requested"
    changes: OpenObject = {}
    explanation: str = ""
    confidence: float | None = None
    requested_at: int
    suggested_at: int | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One artisan's place in a request: ``waiting`` -> ``open`` <-> ``gone``. ``room`` is the quote's."""

    seller_id: ThingId
    seller_name: str = ""
    room: RoomAddress
    status: Literal["waiting", "open", "gone"] = "waiting"
    quote_id: ThingId | None = None
    revision: int = 0
    total_price: str | None = None
    estimated_days: int | None = None
    expires_at: int | None = None
    noted_at: int | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request for quotes and what has come of it. ``undone_because`` says why an acceptance was taken back last."""

    id: ThingId
    status: RequestStatus = "PENDING"
    message: str = ""
    created_at: int
    expires_at: int
    ended_at: int | None = None
    accepted_quote_id: ThingId | None = None
    undone_because: str = ""
    offers: tuple[Offer, ...] = ()


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """How often it was looked at and passed on comes as the tick ``ar:{id}``."""

    id: ThingId
    scene_type: SceneType
    image_url: str
    placement: OpenObject = {}
    metadata: OpenObject = {}
    created_at: int


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """``status``: QUEUED -> PROCESSING -> COMPLETED | FAILED. While it is made, its progress is also the tick ``video:{id}``."""

    id: ThingId
    style: VideoStyle
    duration: int
    status: JobStatus = "QUEUED"
    progress: int = 0
    video_url: str = ""
    thumbnail_url: str = ""
    error: str = ""
    created_at: int
    started_at: int | None = None
    completed_at: int | None = None


class ShareLine(msgspec.Struct, frozen=True, kw_only=True):
    """An open share. ``room`` is its address: whoever wants its live counts subscribes to it."""

    room: RoomAddress
    title: str = ""
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    expires_at: int | None = None
    shared_at: int


class ConceptView(msgspec.Struct, frozen=True, kw_only=True):
    """What a joiner is given: at most 256 KiB as JSON (``fitting.py`` says what goes first where that is not enough).

    ``images`` are in the order of their positions, everything else oldest first. ``requests`` are the latest and those that are
    open, ``videos`` those on their way and the newest others.
    """

    concept: Face
    images: tuple[Image, ...] = ()
    products: tuple[Product, ...] = ()
    matches: tuple[Match, ...] = ()
    refinements: tuple[Refinement, ...] = ()
    requests: tuple[Request, ...] = ()
    videos: tuple[Video, ...] = ()
    previews: tuple[Preview, ...] = ()
    score: OpenObject = {}
    shares: tuple[ShareLine, ...] = ()
