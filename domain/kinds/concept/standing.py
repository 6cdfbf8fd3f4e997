"""Who somebody is in a concept: its owner (a person, or a guest by their session), or a bot.

A token narrows: one that says less than member makes a viewer of the owner. Administrators may take a concept away without seeing
it (``role_for``).
"""

from domain.decider import Context
from domain.kinds.concept.state import Concept
from domain.record import Actor
from domain.rejections import NotAllowed
from domain.roles import Claims, Role, bot_standing, is_admin_of, person_standing


def standing_in(state: Concept, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
    match actor.kind:
        case "system":
            return "system"
        case "bot":
            return bot_standing(claims, state.room)
        case _ if _is_owner(state, actor, claims):
            return _narrowed(claims, state.room)
        case _:
            return None


def role_for(state: Concept, context: Context) -> Role:
    """What the actor is to a command on a concept that is there. Raises ``NotAllowed``."""
    role = standing_in(state, context.actor, context.claims, context.now_ms)
    if role is None and is_admin_of(state.room, context.actor, context.claims, context.now_ms):
        return "admin"
    if role is None:
        raise NotAllowed
    return role


def role_of_maker(context: Context) -> Role:
    """What somebody is to a concept that they are about to make. Raises ``NotAllowed``."""
    if context.actor.kind == "system":
        return "system"
    role = _narrowed(context.claims, context.room) if context.actor.kind in ("user", "guest") else None
    if role is None:
        raise NotAllowed
    return role


def _is_owner(state: Concept, actor: Actor, claims: Claims) -> bool:
    """By id; a guest also by the session that made the concept, whatever id it has now."""
    if actor.id == state.face.owner_id:
        return True
    return actor.kind == "guest" and claims.session_hash != "" and claims.session_hash == state.session_hash


def _narrowed(claims: Claims, room: str) -> Role | None:
    said = person_standing("member", claims, room)
    if said is None:
        return None
    return "viewer" if said == "viewer" else "owner"
