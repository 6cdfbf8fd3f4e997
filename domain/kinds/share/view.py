"""What a joiner of a shared concept is given: the same for everybody who may enter it."""

import msgspec

from domain.ids import ActorId, ThingId
from domain.kinds.share.commands import Shown
from domain.kinds.share.events import Status
from domain.limits import OpenObject
from domain.parts.discussion import Comment, Vote
from domain.record import Actor


class SharedConcept(msgspec.Struct, frozen=True, kw_only=True):
    """The concept as friends see it; nothing of its private side."""

    id: ThingId
    name: str
    image_url: str = ""


class ShareFace(msgspec.Struct, frozen=True, kw_only=True):
    """The share's own row. Times are Unix milliseconds. ``addressee_count`` is how many it names, who they are the owner reads."""

    id: str
    concept: SharedConcept
    by: Actor
    status: Status = "active"
    allow_comments: bool = True
    allow_voting: bool = False
    is_public: bool = True
    addressee_count: int = 0
    metadata: OpenObject = {}
    expires_at: int | None = None
    created_at: int = 0
    updated_at: int = 0
    comment_count: int = 0


class VoteCount(msgspec.Struct, frozen=True, kw_only=True):
    """How the votes stand."""

    up: int = 0
    down: int = 0


class ShownThing(msgspec.Struct, frozen=True, kw_only=True):
    """Something of the concept that friends were shown; the newest of one ``thing_id`` counts."""

    id: ThingId
    at: int
    what: Shown
    thing_id: ThingId | None = None
    caption: str = ""
    url: str = ""
    data: OpenObject = {}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a comment may call by ``@name``."""

    id: ActorId
    name: str


class ShareView(msgspec.Struct, frozen=True, kw_only=True):
    """What a joiner is given: at most 256 KiB as JSON (``fitting.py`` says what goes first where that is not enough).

    ``comments`` are the newest 50, or fewer where they are large, oldest first; a deleted one keeps its place without its words.
    ``shown`` are the 20 newest, oldest first. The view count is the tick ``views``.
    """

    share: ShareFace
    tally: VoteCount = VoteCount()
    comments: tuple[Comment, ...] = ()
    shown: tuple[ShownThing, ...] = ()
    people: tuple[Known, ...] = ()


class VoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``share.my_vote``."""

    vote: Vote | None = None
