"""What has happened in a shared concept.

Events carry results (counts, who is called), so that projections and reactions need nothing but the event. ``concept_id`` and
``title`` (the concept's name) stand in what other rooms are told of. Fields marked ``Free`` may be nulled by redaction.
"""

from typing import Literal, TypeAlias

from domain.ids import ActorId, ThingId
from domain.kinds.share.commands import Shown
from domain.limits import OpenObject
from domain.parts.discussion import Vote
from domain.record import Event
from domain.redaction import Free

Status: TypeAlias = Literal["active", "revoked", "expired"]


class ConceptShared(Event, frozen=True, kw_only=True, tag="concept_shared"):
    """``shared_with`` are ids of people and SHA-256 (hex) of mail addresses, ``names`` the people's where they are known."""

    concept_id: ThingId
    title: Free[str]
    image_url: str = ""
    token_hash: str
    allow_comments: bool
    allow_voting: bool
    is_public: bool
    shared_with: tuple[str, ...] = ()
    names: dict[ActorId, str] = {}
    metadata: Free[OpenObject] = {}
    expires_at: int | None = None


class ShareChanged(Event, frozen=True, kw_only=True, tag="share_changed"):
    """All rules as they are now; ``added`` are the people who were not named before."""

    concept_id: ThingId
    title: Free[str]
    allow_comments: bool
    allow_voting: bool
    is_public: bool
    shared_with: tuple[str, ...] = ()
    names: dict[ActorId, str] = {}
    added: tuple[ActorId, ...] = ()
    metadata: Free[OpenObject] = {}
    expires_at: int | None = None


class ShareRevoked(Event, frozen=True, kw_only=True, tag="share_revoked"):
    """``friends`` are the people whom the share named."""

    concept_id: ThingId
    title: Free[str]
    reason: Free[str] = ""
    friends: tuple[ActorId, ...] = ()


class ShareExpired(Event, frozen=True, kw_only=True, tag="share_expired"):
    concept_id: ThingId


class ShareDeleted(Event, frozen=True, kw_only=True, tag="share_deleted"):
    """``owner_id`` is in whose list the share stood; ``was_open`` whether this ended it."""

    concept_id: ThingId
    owner_id: ActorId
    was_open: bool


class ShareClaimed(Event, frozen=True, kw_only=True, tag="share_claimed"):
    """It was the guest's and is the person's now. What the guest said in it stays the guest's."""

    guest_id: ActorId
    user_id: ActorId
    user_name: str = ""


class CommentAdded(Event, frozen=True, kw_only=True, tag="comment_added"):
    """The comment has this event's id. ``depth`` is 0 for one that answers nothing; ``comment_count`` counts what is not deleted.

    ``owner_id`` and ``parent_author_id`` are those who are told, ``mentions`` those whom it calls by ``@name``.
    """

    text: Free[str]
    parent_id: ThingId | None = None
    depth: int = 0
    mentions: tuple[ActorId, ...] = ()
    parent_author_id: ActorId | None = None
    owner_id: ActorId
    title: str
    comment_count: int


class CommentEdited(Event, frozen=True, kw_only=True, tag="comment_edited"):
    """``mentions`` are all whom it calls now, ``called`` those whom it did not call before."""

    comment_id: ThingId
    text: Free[str]
    mentions: tuple[ActorId, ...] = ()
    called: tuple[ActorId, ...] = ()
    title: str


class CommentDeleted(Event, frozen=True, kw_only=True, tag="comment_deleted"):
    """``redacted`` are the offsets of the events whose words this takes back."""

    comment_id: ThingId
    redacted: tuple[int, ...] = ()
    comment_count: int


class VoteCast(Event, frozen=True, kw_only=True, tag="vote_cast"):
    """The actor's one vote is ``vote`` now; ``up`` and ``down`` count it in."""

    vote: Vote
    old: Vote | None = None
    up: int
    down: int


class VoteWithdrawn(Event, frozen=True, kw_only=True, tag="vote_withdrawn"):
    old: Vote
    up: int
    down: int


class ConceptShown(Event, frozen=True, kw_only=True, tag="concept_shown"):
    """Something of the concept that friends may see is new, or gone. ``title`` and ``image_url`` are the concept's of now."""

    what: Shown
    thing_id: ThingId | None = None
    caption: Free[str] = ""
    url: str = ""
    data: Free[OpenObject] = {}
    is_gone: bool = False
    title: Free[str]
    image_url: str = ""


EVENTS: tuple[type[Event], ...] = (
    ConceptShared,
    ShareChanged,
    ShareRevoked,
    ShareExpired,
    ShareDeleted,
    ShareClaimed,
    CommentAdded,
    CommentEdited,
    CommentDeleted,
    VoteCast,
    VoteWithdrawn,
    ConceptShown,
)
