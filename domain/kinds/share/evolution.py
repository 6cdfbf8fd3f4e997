"""What each event makes of a share: one function per event, no rules. All of them take redacted text."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.event_codec import encode
from domain.ids import ActorId, id_of
from domain.kinds.share import events as did
from domain.kinds.share.state import SHOWN_MAX, SHOWN_MAX_BYTES, Share, people_of
from domain.kinds.share.view import SharedConcept, ShareFace, ShownThing
from domain.parts.discussion import with_comment, with_deletion, with_edit, with_vote, without_vote
from domain.parts.listing import with_spoken
from domain.record import Actor, Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[Share, Any, Record], Share]


def evolve(state: Share, record: Record) -> Share:
    """The state after one record."""
    event = record.event
    state = STEPS[type(event)](state, event, record)
    return replace(state, newest_at=record.time_ms)


def _shared(state: Share, event: did.ConceptShared, record: Record) -> Share:
    face = ShareFace(
        id=id_of(state.room),
        concept=SharedConcept(id=event.concept_id, name=event.title, image_url=event.image_url),
        by=record.actor,
        allow_comments=event.allow_comments,
        allow_voting=event.allow_voting,
        is_public=event.is_public,
        addressee_count=len(event.shared_with),
        metadata=event.metadata,
        expires_at=event.expires_at,
        created_at=record.time_ms,
        updated_at=record.time_ms,
    )
    share = Share(room=state.room, is_there=True, face=face, token_hash=event.token_hash, shared_with=event.shared_with)
    return _with_names(share, _names_of(event) | {record.actor.id: record.actor.name})


def _changed(state: Share, event: did.ShareChanged, record: Record) -> Share:
    face = replace(
        state.face,
        allow_comments=event.allow_comments,
        allow_voting=event.allow_voting,
        is_public=event.is_public,
        addressee_count=len(event.shared_with),
        metadata=event.metadata,
        expires_at=event.expires_at,
        updated_at=record.time_ms,
    )
    names = state.names
    for who in state.friends:
        if who not in event.shared_with and who in names and who != state.owner_id:
            names = names.delete(who)
    return _with_names(replace(state, face=face, shared_with=event.shared_with, names=names), _names_of(event))


def _revoked(state: Share, event: did.ShareRevoked, record: Record) -> Share:
    return replace(state, face=replace(state.face, status="revoked", updated_at=record.time_ms))


def _expired(state: Share, event: did.ShareExpired, record: Record) -> Share:
    return replace(state, face=replace(state.face, status="expired", updated_at=record.time_ms))


def _deleted(state: Share, event: did.ShareDeleted, record: Record) -> Share:
    """Nothing stays but the address, so that it is never given to another share."""
    return Share(room=state.room, is_deleted=True)


def _claimed(state: Share, event: did.ShareClaimed, record: Record) -> Share:
    owner = Actor(id=event.user_id, name=event.user_name)
    names = state.names.delete(event.guest_id) if event.guest_id in state.names else state.names
    state = replace(state, face=replace(state.face, by=owner, updated_at=record.time_ms), names=names)
    return _with_names(state, {owner.id: owner.name})


def _comment_added(state: Share, event: did.CommentAdded, record: Record) -> Share:
    state = _with_names(state, {record.actor.id: record.actor.name})
    discussion = with_comment(state.discussion, record, event.text, event.parent_id, event.mentions)
    return replace(
        state,
        discussion=discussion,
        face=replace(state.face, comment_count=event.comment_count),
        spoken=with_spoken(state.spoken, record),
    )


def _comment_edited(state: Share, event: did.CommentEdited, record: Record) -> Share:
    return replace(state, discussion=with_edit(state.discussion, record, event.comment_id, event.text, event.mentions))


def _comment_deleted(state: Share, event: did.CommentDeleted, record: Record) -> Share:
    discussion = with_deletion(state.discussion, event.comment_id)
    return replace(state, discussion=discussion, face=replace(state.face, comment_count=event.comment_count))


def _vote_cast(state: Share, event: did.VoteCast, record: Record) -> Share:
    return replace(state, ballot=with_vote(state.ballot, record.actor.id, event.vote))


def _vote_withdrawn(state: Share, event: did.VoteWithdrawn, record: Record) -> Share:
    return replace(state, ballot=without_vote(state.ballot, record.actor.id))


def _shown(state: Share, event: did.ConceptShown, record: Record) -> Share:
    """The newest of a thing takes the place of the one before; a change of name or image alone is no thing."""
    concept = replace(state.face.concept, name=event.title, image_url=event.image_url)
    state = replace(state, face=replace(state.face, concept=concept, updated_at=record.time_ms))
    shown = [thing for thing in state.shown if (thing.what, thing.thing_id) != (event.what, event.thing_id)]
    if event.what != "details" and not event.is_gone:
        shown.append(
            ShownThing(
                id=record.id,
                at=record.time_ms,
                what=event.what,
                thing_id=event.thing_id,
                caption=event.caption,
                url=event.url,
                data=event.data,
            )
        )
    return _with_shown(state, tuple(shown))


def _with_shown(state: Share, shown: tuple[ShownThing, ...]) -> Share:
    """The oldest go once there are too many or too large ones."""
    sizes = [len(encode(thing)) + 1 for thing in shown]
    first = max(0, len(shown) - SHOWN_MAX)
    while sum(sizes[first:]) > SHOWN_MAX_BYTES:
        first += 1
    return replace(state, shown=shown[first:], shown_bytes=sum(sizes[first:]))


def _names_of(event: did.ConceptShared | did.ShareChanged) -> dict[ActorId, str]:
    return {who: event.names.get(who, "") for who in people_of(event.shared_with)}


def _with_names(state: Share, names: Mapping[ActorId, str]) -> Share:
    """These people belong here; a name that is known is not forgotten."""
    known = state.names
    for who, name in names.items():
        if known.get(who) is None or (name and known.get(who) != name):
            known = known.set(who, name)
    return replace(state, names=known)


STEPS: Final[Mapping[type[Event], Step]] = {
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
