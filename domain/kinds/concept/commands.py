"""What an actor may ask of a concept. The wire name of ``AddImage`` is ``concept.add_image``; ``COMMANDS`` gives all of them."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from domain.decider import Command
from domain.limits import (
    ErrorText,
    Id,
    Line,
    Name,
    OpenObject,
    OptionalText,
    Percent,
    Share,
    Text,
    Url,
)
from domain.parts.offers import Days, Moment, Money, News

PRODUCTS_MAX = 50
MATCHES_MAX = 50
SELLERS_MAX = 20
"""Artisans whom one request goes to. Nobody compares more offers side by side, and each of them opens a room."""

RefinementType: TypeAlias = Literal["STYLE", "COLOR", "MATERIAL", "SIZE", "DETAIL", "OCCASION"]
SceneType: TypeAlias = Literal["ROOM", "PERSON", "SURFACE"]
VideoStyle: TypeAlias = Literal["SHOWCASE", "LIFESTYLE", "PROCESS", "SPIN360"]
ShareNews: TypeAlias = Literal["shared", "changed", "revoked", "expired"]

ImageFormat: TypeAlias = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[a-z0-9][a-z0-9.+-]*$")]
"""``webp``, ``avif``, ``jpeg`` and whatever comes after them."""
Position: TypeAlias = Annotated[int, Meta(ge=0, le=10_000)]
Ratio: TypeAlias = Annotated[float, Meta(ge=0, le=1_000_000)]
Score: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Seconds: TypeAlias = Annotated[int, Meta(ge=1, le=600)]
Address: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Sellers: TypeAlias = Annotated[tuple[Id, ...], Meta(max_length=SELLERS_MAX)]


class GivenOwner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom the server makes a concept. ``session_hash`` is the SHA-256 (hex) of a guest's session."""

    id: Id
    kind: Literal["user", "guest"]
    session_hash: Annotated[str, Meta(max_length=64)] = ""


class GivenProduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``price`` is a decimal string."""

    name: Name
    price: Money | None = None
    image_url: Annotated[str, Meta(max_length=2_000)] = ""
    data: OpenObject = {}


class GivenMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How well an artisan fits: ``score`` 0 to 100, with reasons."""

    seller_id: Id
    score: Score
    reasons: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()


class Create(Command, frozen=True, kw_only=True):
    """Make a concept of one's own. The server names the visit that it came from, and its owner."""

    name: Name
    description: OptionalText = ""
    visit_id: Id | None = None
    owner: GivenOwner | None = None


class ChangeDetails(Command, frozen=True, kw_only=True):
    """Change the name or the description; what is left out stays."""

    name: Name | None = None
    description: OptionalText | None = None


class Delete(Command, frozen=True, kw_only=True):
    """Take the concept away for good: its shares and open requests end with it."""


class AddImage(Command, frozen=True, kw_only=True):
    """Put an image behind the others, or at ``position``; the one with the lowest position is the concept's face."""

    url: Url
    format: ImageFormat = "jpeg"
    position: Position | None = None


class SetOptimizedVersions(Command, frozen=True, kw_only=True):
    """Smaller versions of an image (thumbnail, mobile, tablet, desktop: addresses); merges by key, what is left out stays."""

    image_id: Id
    versions: OpenObject | None = None
    compression_ratio: Ratio | None = None
    format: ImageFormat | None = None
    priority: Annotated[int, Meta(ge=0, le=10_000)] | None = None


class RemoveImage(Command, frozen=True, kw_only=True):
    """Take an image away."""

    image_id: Id


class SetProducts(Command, frozen=True, kw_only=True):
    """The products that were generated for the concept; they take the place of those before."""

    products: Annotated[tuple[GivenProduct, ...], Meta(max_length=PRODUCTS_MAX)]


class MatchArtisans(Command, frozen=True, kw_only=True):
    """The artisans who could make it, the best first; they take the place of those before."""

    matches: Annotated[tuple[GivenMatch, ...], Meta(max_length=MATCHES_MAX)]


class Favour(Command, frozen=True, kw_only=True):
    """Mark one's own concept as a favourite."""


class Unfavour(Command, frozen=True, kw_only=True):
    """Take the mark away."""


class AddArPreview(Command, frozen=True, kw_only=True):
    """Show the concept in a scene. ``metadata`` holds the scene's analysis and the product's dimensions."""

    scene_type: SceneType
    image_url: Url
    placement: OpenObject = {}
    metadata: OpenObject = {}


class RemoveArPreview(Command, frozen=True, kw_only=True):
    """Take a preview away."""

    preview_id: Id


class CountArLook(Command, frozen=True, kw_only=True):
    """The server's: somebody has looked at a preview. Becomes a tick."""

    preview_id: Id


class CountArShare(Command, frozen=True, kw_only=True):
    """The server's: somebody has passed a preview on. Becomes a tick."""

    preview_id: Id


class RequestRefinement(Command, frozen=True, kw_only=True):
    """Say what should be otherwise; a bot answers with a suggestion."""

    refinement_type: RefinementType
    feedback: Text


class SuggestRefinement(Command, frozen=True, kw_only=True):
    """What could be changed, why, and how sure that is (0 to 1)."""

    refinement_id: Id
    changes: OpenObject
    explanation: Text
    confidence: Share


class ApplyRefinement(Command, frozen=True, kw_only=True):
    """Take a suggestion: all of its changes, or those that are named."""

    refinement_id: Id
    changes: OpenObject | None = None


class DismissRefinement(Command, frozen=True, kw_only=True):
    """Do without a suggestion, or without waiting for one."""

    refinement_id: Id


class RequestQuotes(Command, frozen=True, kw_only=True):
    """Ask artisans for offers until ``expires_at``; without sellers, those who were matched. Each gets a room of their own."""

    sellers: Sellers = ()
    message: OptionalText = ""
    expires_at: Moment


class CancelQuotes(Command, frozen=True, kw_only=True):
    """Call an open request off; without an id, the one that is open."""

    request_id: Id | None = None


class AcceptQuote(Command, frozen=True, kw_only=True):
    """Take an offer; the others are declined. With ``revision`` only as it was then: a changed price is not taken by mistake."""

    quote_id: Id
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class ExpireQuotes(Command, frozen=True, kw_only=True):
    """The clock's: the request has come to its end."""

    request_id: Id


class NoteQuote(Command, frozen=True, kw_only=True):
    """The server's: an artisan's offer has come, was changed, or is gone (withdrawn, rejected, expired)."""

    request_id: Id
    seller_id: Id
    quote_id: Id
    what: News
    revision: int = 1
    total_price: Money | None = None
    estimated_days: Days | None = None
    quote_expires_at: Moment | None = None


class UndoAcceptance(Command, frozen=True, kw_only=True):
    """The server's: the accepted offer was gone or changed by then, ``reason`` says which."""

    request_id: Id
    quote_id: Id
    reason: str = ""


class NoteShare(Command, frozen=True, kw_only=True):
    """The server's: the concept was shared, a share's rules have changed, or a share has ended."""

    share: Address
    status: ShareNews
    title: Annotated[str, Meta(max_length=500)] = ""
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    expires_at: Moment | None = None


class QueueVideo(Command, frozen=True, kw_only=True):
    """Ask for a video of ``duration`` seconds."""

    style: VideoStyle
    duration: Seconds


class StartVideo(Command, frozen=True, kw_only=True):
    """Begin with a queued video; without an id, the one that waits longest."""

    video_id: Id | None = None


class ReportProgress(Command, frozen=True, kw_only=True):
    """Passing: becomes a tick of ``video:{id}``; the row follows."""

    video_id: Id
    progress: Percent
    note: Line = ""


class CompleteVideo(Command, frozen=True, kw_only=True):
    """The video is there."""

    video_id: Id
    video_url: Url
    thumbnail_url: Annotated[str, Meta(max_length=2_000)] = ""


class FailVideo(Command, frozen=True, kw_only=True):
    """The video has failed, or is called off by its owner."""

    video_id: Id
    error: ErrorText


class SetSustainability(Command, frozen=True, kw_only=True):
    """How sustainable the concept is; merges by key (null removes)."""

    score: OpenObject


class Claim(Command, frozen=True, kw_only=True):
    """The server's: the guest whose concept this is has signed in."""

    guest_id: Id
    user_id: Id
    user_name: Annotated[str, Meta(max_length=500)] = ""


COMMANDS: dict[str, type[Command]] = {
    "create": Create,
    "change_details": ChangeDetails,
    "delete": Delete,
    "add_image": AddImage,
    "set_optimized_versions": SetOptimizedVersions,
    "remove_image": RemoveImage,
    "set_products": SetProducts,
    "match_artisans": MatchArtisans,
    "favour": Favour,
    "unfavour": Unfavour,
    "add_ar_preview": AddArPreview,
    "remove_ar_preview": RemoveArPreview,
    "count_ar_look": CountArLook,
    "count_ar_share": CountArShare,
    "request_refinement": RequestRefinement,
    "suggest_refinement": SuggestRefinement,
    "apply_refinement": ApplyRefinement,
    "dismiss_refinement": DismissRefinement,
    "request_quotes": RequestQuotes,
    "cancel_quotes": CancelQuotes,
    "accept_quote": AcceptQuote,
    "expire_quotes": ExpireQuotes,
    "note_quote": NoteQuote,
    "undo_acceptance": UndoAcceptance,
    "note_share": NoteShare,
    "queue_video": QueueVideo,
    "start_video": StartVideo,
    "report_progress": ReportProgress,
    "complete_video": CompleteVideo,
    "fail_video": FailVideo,
    "set_sustainability": SetSustainability,
    "claim": Claim,
}
