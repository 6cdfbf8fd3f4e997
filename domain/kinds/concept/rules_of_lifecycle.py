"""The life of a concept: made, changed, marked, shared, claimed by the guest who signs in, deleted."""

from domain.decider import Context, Decision
from domain.ids import ActorId, RoomAddress, ThingId
from domain.kinds.concept import commands as ask
from domain.kinds.concept import events as did
from domain.kinds.concept.rules_of_videos import failed
from domain.kinds.concept.state import SHARES_MAX, Concept, rooms_of
from domain.rejections import AlreadyExists, Malformed, NotYours, UnknownThing


def create(state: Concept, command: ask.Create, context: Context) -> Decision:
    if state.is_there or state.is_deleted:
        raise AlreadyExists(f"this concept was made already: {state.room}")
    owner = _owner_given(command, context)
    if owner.kind == "guest" and not owner.session_hash:
        raise Malformed("a guest's concept needs the session that it belongs to: sign in, or come with a guest's token")
    event = did.ConceptCreated(
        owner_id=ActorId(owner.id),
        owner_kind=owner.kind,
        session_hash=owner.session_hash,
        name=command.name,
        description=command.description,
        visit_id=ThingId(command.visit_id) if command.visit_id else None,
    )
    return Decision((event,))


def change_details(state: Concept, command: ask.ChangeDetails, context: Context) -> Decision:
    if command.name is None and command.description is None:
        raise Malformed("nothing to change: give a name or a description - at `$`")
    event = did.DetailsChanged(
        name=state.face.name if command.name is None else command.name,
        description=state.face.description if command.description is None else command.description,
        shares=state.open_shares,
    )
    return Decision((event,))


def delete(state: Concept, command: ask.Delete, context: Context) -> Decision:
    """What runs fails, what was asked for is cancelled, then the concept goes."""
    failures = (failed(state, video, "the concept was deleted", context) for video in state.active_videos)
    cancelled = (did.QuotesCancelled(request_id=request.id, quotes=rooms_of(request)) for request in state.open_requests)
    deleted = did.ConceptDeleted(owner_id=state.face.owner_id, shares=state.open_shares)
    return Decision((*failures, *cancelled, deleted))


def favour(state: Concept, command: ask.Favour, context: Context) -> Decision:
    return Decision() if state.face.is_favorite else Decision((did.ConceptFavoured(),))


def unfavour(state: Concept, command: ask.Unfavour, context: Context) -> Decision:
    return Decision((did.ConceptUnfavoured(),)) if state.face.is_favorite else Decision()


def claim(state: Concept, command: ask.Claim, context: Context) -> Decision:
    """Said again, it changes nothing."""
    if state.face.owner_id == command.user_id:
        return Decision()
    if state.face.owner_kind != "guest" or state.face.owner_id != command.guest_id:
        raise NotYours("this concept is not that guest's")
    event = did.ConceptClaimed(
        guest_id=ActorId(command.guest_id),
        owner_id=ActorId(command.user_id),
        owner_name=command.user_name,
        request_ids=tuple(request.id for request in state.requests),
        quotes=tuple(room for request in state.requests for room in rooms_of(request)),
    )
    return Decision((event,))


def note_share(state: Concept, command: ask.NoteShare, context: Context) -> Decision:
    """A new share that the concept cannot have is noted too: its revocation is the answer."""
    is_known = command.share in state.open_shares
    if command.status != "shared" and not is_known:
        if state.is_deleted:
            return Decision()
        raise UnknownThing(f"no open share of this concept has the address {command.share}")
    event = did.ShareNoted(
        share=RoomAddress(command.share),
        status=command.status,
        title=command.title,
        allow_comments=command.allow_comments,
        allow_voting=command.allow_voting,
        is_public=command.is_public,
        expires_at=command.expires_at,
        refused_because="" if is_known else _why_not(state),
    )
    return Decision((event,))


def _why_not(state: Concept) -> str:
    if state.is_deleted:
        return "the concept was deleted"
    if len(state.shares) >= SHARES_MAX:
        return f"{SHARES_MAX} shares of this concept are open already"
    return ""


def _owner_given(command: ask.Create, context: Context) -> ask.GivenOwner:
    actor = context.actor
    if actor.kind != "system":
        if command.owner is not None or command.visit_id is not None:
            raise Malformed("a concept that you make is your own: leave owner and visit_id out - at `$`")
        if actor.kind == "guest":
            return ask.GivenOwner(id=actor.id, kind="guest", session_hash=context.claims.session_hash)
        return ask.GivenOwner(id=actor.id, kind="user")
    if command.owner is None:
        raise Malformed("say whose concept this is - at `$.owner`")
    return command.owner
