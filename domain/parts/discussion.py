"""Comments and votes: what people say to each other about one thing, and what they think of it.

Comments form threads. One that is deleted keeps its place as long as anybody may have answered it; its words are taken back
everywhere, for which its ``Remark`` knows the offsets of the events that hold them. Everybody has one vote, which may change.

Functions named ``check_…`` are rules and raise; the others are steps of an evolution, take what comes and never fail.
"""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from immutables import Map
from msgspec import Meta

from domain.event_codec import encode
from domain.ids import ActorId, ThingId
from domain.record import Actor, Record
from domain.rejections import LimitReached, NotYours, UnknownThing, WrongStatus

COMMENT_MAX: Final = 5_000
"""Characters of a comment: a page of text. Fifty ordinary ones fit into a view."""
COMMENTS_MAX: Final = 2_000
"""Comments of one discussion, deleted ones included: about 300 KB of a snapshot. A talk that long has lost its thread."""
DEPTH_MAX: Final = 8
"""How deep answers may be nested: deeper ones are too narrow to read on a phone."""
EDITS_MAX: Final = 50
"""How often one comment may be put in other words; the offset of each is kept, so that all can be taken back."""
NEWEST_MAX: Final = 50
NEWEST_MAX_BYTES: Final = 128 * 1024
"""Comments kept whole, newest last: a view's 50, or fewer where they are large. The newest is always kept."""
VOTERS_MAX: Final = 10_000
"""People who may vote on one thing: half a megabyte of a snapshot."""

CommentText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=COMMENT_MAX, pattern=r"\S")]
"""What a comment says; more than blanks."""
Vote: TypeAlias = Literal["UPVOTE", "DOWNVOTE"]


class Remark(msgspec.Struct, frozen=True, array_like=True):
    """What the rules need of a comment; ``offsets`` are of the events that hold its words. Fields are only added at the end."""

    author_id: ActorId
    parent_id: ThingId | None
    depth: int
    offsets: tuple[int, ...]
    is_deleted: bool = False


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as it is shown; ``text`` is empty once it is deleted. Times are Unix milliseconds."""

    id: ThingId
    offset: int
    at: int
    by: Actor
    text: str
    parent_id: ThingId | None = None
    depth: int = 0
    mentions: tuple[ActorId, ...] = ()
    edited_at: int | None = None
    is_deleted: bool = False


class Discussion(msgspec.Struct, frozen=True, kw_only=True):
    """``count`` is of what is not deleted; ``newest`` are the comments that are shown, oldest first."""

    remarks: Map[ThingId, Remark] = Map()
    newest: tuple[Comment, ...] = ()
    newest_bytes: int = 0
    count: int = 0


class Ballot(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody's one vote, and how they stand."""

    votes: Map[ActorId, Vote] = Map()
    up: int = 0
    down: int = 0


# --- Rules of comments -------------------------------------------------------------------------------------------------------


def check_new_comment(discussion: Discussion, parent_id: str | None) -> Remark | None:
    """The comment that is answered, or None. Raises ``UnknownThing``, ``WrongStatus`` or ``LimitReached``."""
    if len(discussion.remarks) >= COMMENTS_MAX:
        raise LimitReached(f"{COMMENTS_MAX} comments were made here already: no more are taken")
    if parent_id is None:
        return None
    parent = find_comment(discussion, parent_id)
    if parent.is_deleted:
        raise WrongStatus("the comment that this answers was deleted: answer another one, or nobody in particular")
    if parent.depth >= DEPTH_MAX:
        raise LimitReached(f"answers are nested {DEPTH_MAX} deep at most: answer a comment further up")
    return parent


def check_edit(discussion: Discussion, comment_id: str, actor_id: ActorId) -> Remark:
    """The actor's own comment. Raises ``UnknownThing``, ``NotYours``, ``WrongStatus`` or ``LimitReached``."""
    remark = find_comment(discussion, comment_id)
    if remark.author_id != actor_id:
        raise NotYours("only its author may put a comment in other words")
    _check_is_there(remark)
    if len(remark.offsets) > EDITS_MAX:
        raise LimitReached(f"a comment may be changed {EDITS_MAX} times: delete it and say it anew")
    return remark


def check_deletion(discussion: Discussion, comment_id: str, actor_id: ActorId, *, may_delete_all: bool) -> Remark:
    """The comment that goes. Raises ``UnknownThing``, ``NotYours`` or ``WrongStatus``."""
    remark = find_comment(discussion, comment_id)
    if remark.author_id != actor_id and not may_delete_all:
        raise NotYours("a comment is deleted by its author, or by the owner of what it is about")
    _check_is_there(remark)
    return remark


def find_comment(discussion: Discussion, comment_id: str) -> Remark:
    """Raises ``UnknownThing``."""
    remark = discussion.remarks.get(ThingId(comment_id))
    if remark is None:
        raise UnknownThing(f"no comment here has the id {comment_id}")
    return remark


def _check_is_there(remark: Remark) -> None:
    if remark.is_deleted:
        raise WrongStatus("this comment was deleted already")


# --- What becomes of comments ------------------------------------------------------------------------------------------------


def with_comment(
    discussion: Discussion, record: Record, text: str, parent_id: ThingId | None, mentions: tuple[ActorId, ...]
) -> Discussion:
    """One comment more, with the record's id; the oldest shown ones go once there are too many or too large ones."""
    parent = discussion.remarks.get(parent_id) if parent_id else None
    depth = parent.depth + 1 if parent else 0
    comment = Comment(
        id=record.id,
        offset=record.offset,
        at=record.time_ms,
        by=record.actor,
        text=text,
        parent_id=parent_id,
        depth=depth,
        mentions=mentions,
    )
    remark = Remark(record.actor.id, parent_id, depth, (record.offset,))
    return _bounded(
        msgspec.structs.replace(
            discussion,
            remarks=discussion.remarks.set(record.id, remark),
            newest=(*discussion.newest, comment),
            newest_bytes=discussion.newest_bytes + size_of(comment),
            count=discussion.count + 1,
        )
    )


def with_edit(discussion: Discussion, record: Record, comment_id: ThingId, text: str, mentions: tuple[ActorId, ...]) -> Discussion:
    remark = discussion.remarks[comment_id]
    remark = Remark(remark.author_id, remark.parent_id, remark.depth, (*remark.offsets, record.offset), remark.is_deleted)
    discussion = msgspec.structs.replace(discussion, remarks=discussion.remarks.set(comment_id, remark))
    return _bounded(_shown_with(discussion, comment_id, text=text, mentions=mentions, edited_at=record.time_ms))


def with_deletion(discussion: Discussion, comment_id: ThingId) -> Discussion:
    """The comment keeps its place, without its words."""
    remark = discussion.remarks[comment_id]
    remark = Remark(remark.author_id, remark.parent_id, remark.depth, (), is_deleted=True)
    discussion = msgspec.structs.replace(discussion, remarks=discussion.remarks.set(comment_id, remark), count=discussion.count - 1)
    return _shown_with(discussion, comment_id, text="", mentions=(), is_deleted=True)


def size_of(comment: Comment) -> int:
    """Bytes as JSON, the comma behind it included."""
    return len(encode(comment)) + 1


def _shown_with(discussion: Discussion, comment_id: ThingId, **changes: object) -> Discussion:
    """The comment among the shown ones with ``changes``, where it is one of them."""
    newest, size = list(discussion.newest), discussion.newest_bytes
    for place, comment in enumerate(newest):
        if comment.id == comment_id:
            newest[place] = msgspec.structs.replace(comment, **changes)
            size += size_of(newest[place]) - size_of(comment)
    return msgspec.structs.replace(discussion, newest=tuple(newest), newest_bytes=size)


def _bounded(discussion: Discussion) -> Discussion:
    newest, size, dropped = discussion.newest, discussion.newest_bytes, 0
    while len(newest) - dropped > 1 and (len(newest) - dropped > NEWEST_MAX or size > NEWEST_MAX_BYTES):
        size -= size_of(newest[dropped])
        dropped += 1
    return msgspec.structs.replace(discussion, newest=newest[dropped:], newest_bytes=size)


# --- Votes -------------------------------------------------------------------------------------------------------------------


def check_new_vote(ballot: Ballot, voter: ActorId) -> None:
    """Raises ``LimitReached`` for one voter too many; a vote that is there may always change."""
    if voter not in ballot.votes and len(ballot.votes) >= VOTERS_MAX:
        raise LimitReached(f"{VOTERS_MAX} people have voted: no more votes are taken")


def check_has_voted(ballot: Ballot, voter: ActorId) -> Vote:
    """The vote that is there. Raises ``WrongStatus``."""
    vote = ballot.votes.get(voter)
    if vote is None:
        raise WrongStatus("there is no vote of yours to withdraw")
    return vote


def with_vote(ballot: Ballot, voter: ActorId, vote: Vote) -> Ballot:
    ballot = without_vote(ballot, voter)
    return Ballot(votes=ballot.votes.set(voter, vote), up=ballot.up + (vote == "UPVOTE"), down=ballot.down + (vote == "DOWNVOTE"))


def without_vote(ballot: Ballot, voter: ActorId) -> Ballot:
    old = ballot.votes.get(voter)
    if old is None:
        return ballot
    return Ballot(votes=ballot.votes.delete(voter), up=ballot.up - (old == "UPVOTE"), down=ballot.down - (old == "DOWNVOTE"))
