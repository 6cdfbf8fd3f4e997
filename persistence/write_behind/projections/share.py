"""What each event of a share does to rows, and what a visit leaves behind. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeAlias

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, id_of, keyed_id
from domain.kinds.share import events as did
from domain.kinds.share.ticks import Views
from domain.record import Event, Record
from persistence.write_behind.row_operations import Change, Delete, Insert, Operation, Touch, Update, Values

TABLES: Final = ("shared_concepts", "concept_comments", "concept_votes")

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


class MoreViews(Change, frozen=True):
    """``view_count`` never falls."""

    reads: ClassVar = ("view_count",)
    count: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        return max(self.count, row.get("view_count") or 0)


class LaterView(Change, frozen=True):
    """``last_viewed_at`` never goes back."""

    reads: ClassVar = ("last_viewed_at",)
    at: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        return max(self.at, row.get("last_viewed_at") or 0)


def operations(record: Record) -> Sequence[Operation]:
    return ROWS[type(record.event)](record, record.event)


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """The view count follows into the row, at most once a second; the tally stands in the votes' own rows."""
    if not isinstance(value, Views):
        return ()
    values: Values = {"view_count": MoreViews(value.count), "last_viewed_at": LaterView(value.last_viewed_at)}
    return (Touch("shared_concepts", id_of(room), values, {}),)


def vote_id(room: RoomAddress, voter: str) -> str:
    """One row for each voter of a share."""
    return keyed_id("concept_vote", id_of(room), voter)


def _share(record: Record, **values: Any) -> Update:
    return Update("shared_concepts", id_of(record.room), {**values, "updated_at": record.time_ms})


def _shared(record: Record, event: did.ConceptShared) -> Sequence[Operation]:
    values: Values = {
        "share_token": event.token_hash,
        "concept_id": event.concept_id,
        "shared_by": record.actor.id,
        **_rules(event),
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("shared_concepts", id_of(record.room), values),)


def _changed(record: Record, event: did.ShareChanged) -> Sequence[Operation]:
    return (_share(record, **_rules(event)),)


def _rules(event: did.ConceptShared | did.ShareChanged) -> Values:
    return {
        "shared_with": event.shared_with,
        "allow_comments": event.allow_comments,
        "allow_voting": event.allow_voting,
        "is_public": event.is_public,
        "metadata": event.metadata,
        "expires_at": event.expires_at,
    }


def _revoked(record: Record, event: did.ShareRevoked) -> Sequence[Operation]:
    return (_share(record, revoked_at=record.time_ms),)


def _expired(record: Record, event: did.ShareExpired) -> Sequence[Operation]:
    return (_share(record, expired_at=record.time_ms),)


def _deleted(record: Record, event: did.ShareDeleted) -> Sequence[Operation]:
    return (_share(record, deleted_at=record.time_ms),)


def _claimed(record: Record, event: did.ShareClaimed) -> Sequence[Operation]:
    return (_share(record, shared_by=event.user_id),)


def _comment_added(record: Record, event: did.CommentAdded) -> Sequence[Operation]:
    values: Values = {
        "shared_concept_id": id_of(record.room),
        "user_id": record.actor.id,
        "comment": event.text,
        "parent_comment_id": event.parent_id,
        "created_at": record.time_ms,
    }
    return (Insert("concept_comments", record.id, values),)


def _comment_edited(record: Record, event: did.CommentEdited) -> Sequence[Operation]:
    return (Update("concept_comments", event.comment_id, {"comment": event.text, "edited_at": record.time_ms}),)


def _comment_deleted(record: Record, event: did.CommentDeleted) -> Sequence[Operation]:
    return (Update("concept_comments", event.comment_id, {"comment": "", "deleted_at": record.time_ms}),)


def _vote_cast(record: Record, event: did.VoteCast) -> Sequence[Operation]:
    key = vote_id(record.room, record.actor.id)
    if event.old is not None:
        return (Update("concept_votes", key, {"vote_type": event.vote, "updated_at": record.time_ms}),)
    values: Values = {
        "shared_concept_id": id_of(record.room),
        "user_id": record.actor.id,
        "vote_type": event.vote,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("concept_votes", key, values),)


def _vote_withdrawn(record: Record, event: did.VoteWithdrawn) -> Sequence[Operation]:
    return (Delete("concept_votes", vote_id(record.room, record.actor.id)),)


def _shown(record: Record, event: did.ConceptShown) -> Sequence[Operation]:
    """What is shown stands in the concept's own rows."""
    return (_share(record),)


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.ConceptShared: _shared,
    did.ShareChanged: _changed,
    did.ShareRevoked: _revoked,
    did.ShareExpired: _expired,
    did.ShareDeleted: _deleted,
    did.ShareClaimed: _claimed,
    did.CommentAdded: _comment_added,
    did.CommentEdited: _comment_edited,
    did.CommentDeleted: _comment_deleted,
    did.VoteCast: _vote_cast,
    did.VoteWithdrawn: _vote_withdrawn,
    did.ConceptShown: _shown,
}
"""A test demands an entry for every event of the kind."""
