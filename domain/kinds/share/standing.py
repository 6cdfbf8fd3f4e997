"""Who somebody is in a shared concept.

The owner is who shared it; friends are named by their id or by the hash of their verified mail address; a guest came with the
share's token, and may be here only while the share is public. A token narrows: one that says *guest* for this room makes a guest of
anybody, one that says less than member makes a viewer. Once the share is over nobody is anybody but the system.

Administrators are not in it: they may take a share away (``role_for``) without seeing it.
"""

from domain.decider import Context
from domain.kinds.share.state import Share
from domain.record import Actor
from domain.rejections import NotAllowed, ShareOver
from domain.roles import Claims, Role, is_admin_of, person_standing


def standing_in(state: Share, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
    if actor.kind == "system":
        return "system"
    if is_over(state, now_ms):
        return None
    return _as_named(state, actor, claims)


def is_over(state: Share, now_ms: int) -> bool:
    """Revoked, expired or deleted; the end counts from its very millisecond, whether or not the clock has spoken yet."""
    expires_at = state.face.expires_at
    return not state.is_open or (expires_at is not None and now_ms >= expires_at)


def role_for(state: Share, context: Context, *, also_when_over: bool = False) -> Role:
    """What the actor is to a command; with ``also_when_over`` also once the share is over.

    Raises ``ShareOver`` for those who would be somebody if it were not, else ``NotAllowed``.
    """
    actor, claims, now_ms = context.actor, context.claims, context.now_ms
    if not state.is_there:
        raise NotAllowed
    named = "system" if actor.kind == "system" else _as_named(state, actor, claims)
    if named is None:
        if is_admin_of(state.room, actor, claims, now_ms):
            return "admin"
        raise NotAllowed
    if named != "system" and is_over(state, now_ms) and not also_when_over:
        raise ShareOver(sentence_of(state))
    return named


def sentence_of(state: Share) -> str:
    """Why nobody may be here any more."""
    match state.face.status:
        case "revoked":
            return "this share was revoked by who made it: ask them for a new link"
        case _:
            return "this share has run out: ask who made it for a new link"


def may_share(actor: Actor, claims: Claims, room: str) -> bool:
    """Whoever has concepts of their own may share them; a token for other rooms, or for looking on, does not reach that far."""
    return actor.kind in ("user", "guest") and person_standing("member", claims, room) in ("member", "admin")


def _as_named(state: Share, actor: Actor, claims: Claims) -> Role | None:
    """What the share itself says, whether it is over or not."""
    if actor.kind not in ("user", "guest"):
        return None
    if claims.room_roles.get(state.room) == "guest":
        return "guest" if state.face.is_public else None
    named = _named(state, actor, claims)
    said = person_standing("member", claims, state.room)
    if named is None or said is None:
        return None
    return "viewer" if said == "viewer" else named


def _named(state: Share, actor: Actor, claims: Claims) -> Role | None:
    if actor.id == state.owner_id:
        return "owner"
    if actor.kind != "user":
        return None
    is_named = actor.id in state.shared_with or (claims.mail_hash != "" and claims.mail_hash in state.shared_with)
    return "friend" if is_named else None
