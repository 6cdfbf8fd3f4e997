"""The life of a share: made, changed, and over.

::

    active ── revoke_share ─▶ revoked
      └────── expire_share ─▶ expired        delete: from any of them
"""

from typing import Final

import msgspec
from msgspec import UNSET

from domain.decider import Context, Decision, Ref
from domain.event_codec import encode
from domain.ids import ActorId, ThingId
from domain.kinds.share import commands as ask
from domain.kinds.share import events as did
from domain.kinds.share.standing import is_over, sentence_of
from domain.kinds.share.state import Share, people_of
from domain.kinds.share.ticks import VIEWS, Views
from domain.limits import OBJECT_MAX_BYTES, OpenObject
from domain.parts.json_merge import merged
from domain.refs import ConceptFace, UserFace
from domain.rejections import AlreadyExists, LimitReached, Malformed, NotYet, NotYours, ShareOver, UnknownThing

GONE: Final = "DELETED"
"""The status of a concept that is no longer there."""


def share(state: Share, command: ask.Share, context: Context) -> Decision:
    if command.room not in ("", context.room):
        raise Malformed(f"this share has its own address, {context.room}: leave the room out - at `$.room`")
    if state.is_there or state.is_deleted:
        raise AlreadyExists("this token belongs to another share already: take a new one")
    concept = _own_concept(command.concept_id, context)
    _check_end(command.expires_at, context)
    shared_with = tuple(dict.fromkeys(command.shared_with))
    event = did.ConceptShared(
        concept_id=ThingId(command.concept_id),
        title=concept.name,
        image_url=concept.image_url,
        token_hash=command.token_hash,
        allow_comments=command.allow_comments,
        allow_voting=command.allow_voting,
        is_public=command.is_public,
        shared_with=shared_with,
        names=_names(shared_with, context),
        metadata=command.metadata,
        expires_at=command.expires_at,
    )
    return Decision((event,))


def change_share(state: Share, command: ask.ChangeShare, context: Context) -> Decision:
    """What is asked for but is so already changes nothing."""
    face = state.face
    shared_with = state.shared_with if command.shared_with is None else tuple(dict.fromkeys(command.shared_with))
    changed = did.ShareChanged(
        concept_id=face.concept.id,
        title=face.concept.name,
        allow_comments=_or(command.allow_comments, face.allow_comments),
        allow_voting=_or(command.allow_voting, face.allow_voting),
        is_public=_or(command.is_public, face.is_public),
        shared_with=shared_with,
        names=_names(shared_with, context),
        added=tuple(one for one in people_of(shared_with) if one not in state.shared_with),
        metadata=face.metadata if command.metadata is None else _merged_metadata(face.metadata, command.metadata),
        expires_at=face.expires_at if command.expires_at is UNSET else command.expires_at,
    )
    if _names_nothing(command):
        raise Malformed("nothing to change: give a rule, addressees, metadata or an end - at `$`")
    if command.expires_at is not UNSET:
        _check_end(command.expires_at, context)
    return Decision((changed,)) if _differs(state, changed) else Decision()


def revoke_share(state: Share, command: ask.RevokeShare, context: Context) -> Decision:
    """The concept's deletion revokes what is over already once more, which changes nothing."""
    if not state.is_open and context.actor.kind == "system":
        return Decision()
    if is_over(state, context.now_ms):
        raise ShareOver(sentence_of(state))
    face = state.face
    event = did.ShareRevoked(concept_id=face.concept.id, title=face.concept.name, reason=command.reason, friends=state.friends)
    return Decision((event,))


def expire_share(state: Share, command: ask.ExpireShare, context: Context) -> Decision:
    """The end may have been moved or taken away since the clock was set."""
    if not state.is_open or state.face.expires_at is None:
        return Decision()
    if context.now_ms < state.face.expires_at:
        raise NotYet("the share has not come to its end yet", state.face.expires_at)
    return Decision((did.ShareExpired(concept_id=state.face.concept.id),))


def delete(state: Share, command: ask.Delete, context: Context) -> Decision:
    event = did.ShareDeleted(concept_id=state.face.concept.id, owner_id=state.owner_id, was_open=state.is_open)
    return Decision((event,))


def claim(state: Share, command: ask.Claim, context: Context) -> Decision:
    """Also once the share is over: it stands in its maker's list."""
    owner = state.face.by
    if owner.kind != "guest" or owner.id != command.guest_id:
        raise NotYours("this share is not that guest's")
    event = did.ShareClaimed(guest_id=owner.id, user_id=ActorId(command.user_id), user_name=command.user_name)
    return Decision((event,))


def show(state: Share, command: ask.Show, context: Context) -> Decision:
    if not state.is_open:
        raise ShareOver(sentence_of(state))
    concept = state.face.concept
    event = did.ConceptShown(
        what=command.what,
        thing_id=None if command.thing_id is None else ThingId(command.thing_id),
        caption=command.title,
        url=command.url or "",
        data=command.data,
        is_gone=command.is_gone,
        title=concept.name if command.name is None else command.name,
        image_url=concept.image_url if command.image_url is None else command.image_url,
    )
    return Decision((event,))


def count_visit(state: Share, command: ask.CountVisit, context: Context) -> Decision:
    """The count goes on from what was shown last."""
    last = context.last_ticks.get(VIEWS)
    count = last.count if isinstance(last, Views) else 0
    return Decision(ticks=(Views(key=VIEWS, count=count + 1, last_viewed_at=context.now_ms),))


def refs_of(command: ask.Share | ask.ChangeShare) -> tuple[Ref, ...]:
    """The concept that is shared, and the people who are named."""
    people = tuple(Ref("user", one) for one in people_of(command.shared_with or ()))
    return (Ref("concept", command.concept_id), *people) if isinstance(command, ask.Share) else people


def _own_concept(concept_id: str, context: Context) -> ConceptFace:
    """Raises ``UnknownThing``, for concepts of others as for those that are not there."""
    concept = context.refs.get(Ref("concept", concept_id))
    if not isinstance(concept, ConceptFace) or concept.owner_id != context.actor.id or concept.status == GONE:
        raise UnknownThing(f"none of your concepts has the id {concept_id}: only one's own can be shared")
    return concept


def _names(shared_with: tuple[str, ...], context: Context) -> dict[ActorId, str]:
    """Those of the people named whom the server knows; others are named once they say something."""
    faces = {one: context.refs.get(Ref("user", one)) for one in people_of(shared_with)}
    return {one: face.name for one, face in faces.items() if isinstance(face, UserFace) and face.name}


def _check_end(expires_at: int | None, context: Context) -> None:
    if expires_at is not None and expires_at <= context.now_ms:
        raise Malformed("a share ends in the future, or never - at `$.expires_at`")


def _or(asked: bool | None, known: bool) -> bool:
    return known if asked is None else asked


def _merged_metadata(metadata: OpenObject, patch: OpenObject) -> OpenObject:
    result = merged(metadata, patch)
    if len(encode(result)) > OBJECT_MAX_BYTES:
        raise LimitReached(f"metadata would be larger than {OBJECT_MAX_BYTES // 1024} KiB with this change - at `$.metadata`")
    return result


def _names_nothing(command: ask.ChangeShare) -> bool:
    rules = (command.allow_comments, command.allow_voting, command.is_public, command.shared_with, command.metadata)
    return command.expires_at is UNSET and all(rule is None for rule in rules)


_COMPARED: Final = ("allow_comments", "allow_voting", "is_public", "metadata", "expires_at")


def _differs(state: Share, changed: did.ShareChanged) -> bool:
    face = msgspec.structs.asdict(state.face)
    return changed.shared_with != state.shared_with or any(getattr(changed, name) != face[name] for name in _COMPARED)
