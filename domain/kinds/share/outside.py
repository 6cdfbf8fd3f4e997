"""What a share tells outside itself: the concept it shows, the people it concerns, their lists, and a caller's results."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.decider import Listing, Reaction
from domain.ids import ActorId, RoomAddress, room_address
from domain.kinds.share import events as did
from domain.kinds.share.state import Share, people_of
from domain.limits import NAME_MAX
from domain.record import Actor, Event, Record


def reactions_of(record: Record) -> Sequence[Reaction]:
    """The concept hears of every change of its shares; people hear of what concerns them, never of what they did themselves."""
    match record.event:
        case did.ConceptShared() as event:
            told = (_told(record, who, "share_received", event.title) for who in people_of(event.shared_with))
            return (_noted(record, event.concept_id, "shared", event), _listed(record), *_but_the_actor(record, told))
        case did.ShareChanged() as event:
            told = (_told(record, who, "share_received", event.title) for who in event.added)
            return (_noted(record, event.concept_id, "changed", event), *_but_the_actor(record, told))
        case did.ShareRevoked() as event:
            told = (_told(record, who, "share_revoked", event.title) for who in event.friends)
            return (_noted(record, event.concept_id, "revoked"), *_but_the_actor(record, told))
        case did.ShareExpired() as event:
            return (_noted(record, event.concept_id, "expired"),)
        case did.ShareDeleted() as event:
            forgotten = Reaction(
                target=room_address("person", event.owner_id), name="person.forget_room", payload={"noted": record.room}
            )
            return (_noted(record, event.concept_id, "revoked"), forgotten)
        case did.CommentAdded() as event:
            return _of_comment(record, event)
        case did.CommentEdited() as event:
            told = (_told(record, who, "mention", event.title, event.comment_id) for who in event.called)
            return _but_the_actor(record, told)
        case _:
            return ()


def _of_comment(record: Record, event: did.CommentAdded) -> Sequence[Reaction]:
    """Everybody once, for the most personal reason: called by name, answered, or owner of what it is about."""
    reasons: dict[ActorId, str] = {event.owner_id: "comment"}
    if event.parent_author_id is not None:
        reasons[event.parent_author_id] = "reply"
    reasons |= dict.fromkeys(event.mentions, "mention")
    return _but_the_actor(record, (_told(record, who, what, event.title, record.id) for who, what in reasons.items()))


def _noted(record: Record, concept_id: str, status: str, rules: did.ConceptShared | did.ShareChanged | None = None) -> Reaction:
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


def _listed(record: Record) -> Reaction:
    return Reaction(target=_home(record.actor.id), name="person.note_room", payload={"noted": record.room})


def _told(record: Record, who: ActorId, what: str, title: str, thing_id: str = "") -> Reaction:
    """A word in somebody's inbox: what, where and by whom, never what was said."""
    payload: dict[str, Any] = {
        "what": what,
        "source": record.room,
        "by": _face(record.actor),
        "title": title[:NAME_MAX],
        "at": record.time_ms,
    }
    if thing_id:
        payload["thing_id"] = thing_id
    return Reaction(target=_home(who), name="person.notify", payload=payload)


def _but_the_actor(record: Record, told: Any) -> tuple[Reaction, ...]:
    return tuple(reaction for reaction in told if reaction.target != _home(record.actor.id))


def _home(who: ActorId) -> RoomAddress:
    return room_address("person", who)


def _face(actor: Actor) -> dict[str, str]:
    return {"id": actor.id, "kind": actor.kind, "name": actor.name, "image": actor.image}


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
