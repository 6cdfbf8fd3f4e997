"""What a share tells outside itself: the concept it shows, the people it concerns, their lists, and a caller's results."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.decider import Listing, Reaction
from domain.ids import ActorId, room_address
from domain.kinds.share import events as did
from domain.kinds.share.state import Share, people_of
from domain.parts.notices import forgotten, noted, notice
from domain.record import Event, Record


def reactions_of(record: Record) -> Sequence[Reaction]:
    """The concept hears of every change of its shares; people hear of what concerns them, never of what they did themselves."""
    match record.event:
        case did.ConceptShared() as event:
            friends = _told(record, people_of(event.shared_with), "share_received", event.title)
            return (_news(record, event.concept_id, "shared", event), *noted(record, record.actor.id), *friends)
        case did.ShareChanged() as event:
            return (
                _news(record, event.concept_id, "changed", event),
                *_told(record, event.added, "share_received", event.title),
            )
        case did.ShareRevoked() as event:
            return (
                _news(record, event.concept_id, "revoked"),
                *_told(record, event.friends, "share_revoked", event.title),
            )
        case did.ShareExpired() as event:
            return (_news(record, event.concept_id, "expired"),)
        case did.ShareDeleted() as event:
            ended = (_news(record, event.concept_id, "revoked"),) if event.was_open else ()
            return (*ended, *forgotten(record, event.owner_id))
        case did.ShareClaimed() as event:
            # The guest's own list was handed over with everything else of theirs, and takes nothing more.
            return noted(record, event.user_id)
        case did.CommentAdded() as event:
            return _of_comment(record, event)
        case did.CommentEdited() as event:
            return _told(record, event.called, "mention", event.title, event.comment_id)
        case _:
            return ()


def _of_comment(record: Record, event: did.CommentAdded) -> tuple[Reaction, ...]:
    """Everybody once, for the most personal reason: called by name, answered, or owner of what it is about."""
    reasons: dict[ActorId, str] = {event.owner_id: "comment"}
    if event.parent_author_id is not None:
        reasons[event.parent_author_id] = "reply"
    reasons |= dict.fromkeys(event.mentions, "mention")
    told = (_told(record, (who,), what, event.title, record.id) for who, what in reasons.items())
    return tuple(reaction for one in told for reaction in one)


def _told(record: Record, people: Iterable[ActorId], what: str, title: str, thing_id: str = "") -> tuple[Reaction, ...]:
    return tuple(reaction for who in people for reaction in notice(record, who, what, title, thing_id=thing_id))


def _news(record: Record, concept_id: str, status: str, rules: did.ConceptShared | did.ShareChanged | None = None) -> Reaction:
    payload: dict[str, Any] = {"share": record.room, "status": status}
    if rules is not None:
        payload |= {
            "title": rules.title,
            "is_public": rules.is_public,
            "allow_comments": rules.allow_comments,
            "allow_voting": rules.allow_voting,
            "expires_at": rules.expires_at,
        }
    return Reaction(target=room_address("concept", concept_id), name="concept.note_share", payload=payload)


def listing_of(state: Share) -> Listing:
    face = state.face
    return Listing(name=face.concept.name, status=face.status, at_ms=state.newest_at, spoken=state.spoken)


_TOLD: Final[Mapping[type[Event], tuple[str, ...]]] = {
    did.CommentAdded: ("depth", "comment_count", "mentions"),
    did.CommentEdited: ("mentions",),
    did.CommentDeleted: ("comment_count",),
    did.VoteCast: ("vote", "up", "down"),
    did.VoteWithdrawn: ("up", "down"),
}
"""What the room decided: fields of the event that the caller hears."""


def results_of(records: Sequence[Record]) -> dict[str, Any]:
    """Computed from the records alone, so a repeat gets the same."""
    results: dict[str, Any] = {}
    for record in records:
        results |= {name: getattr(record.event, name) for name in _TOLD.get(type(record.event), ())}
        if isinstance(record.event, did.CommentAdded):
            results["comment_id"] = record.id
    return results
