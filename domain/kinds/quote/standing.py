"""Who somebody is in a quote: its owner, or the artisan who was asked. No bot and no other artisan is anybody here.

A token narrows: one that says less than member makes a viewer. Administrators may take a quote away without seeing it.
"""

from domain.decider import Context
from domain.kinds.quote.state import QuoteRoom
from domain.record import Actor
from domain.rejections import NotAllowed
from domain.roles import Claims, Role, is_admin_of, person_standing


def standing_in(state: QuoteRoom, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
    if actor.kind == "system":
        return "system"
    party = _party(state, actor)
    if party is None:
        return None
    said = person_standing("member", claims, state.room)
    return "viewer" if said == "viewer" else party if said is not None else None


def role_for(state: QuoteRoom, context: Context) -> Role:
    """What the actor is to a command on a quote that is there. Raises ``NotAllowed``."""
    role = standing_in(state, context.actor, context.claims, context.now_ms)
    if role is None and is_admin_of(state.room, context.actor, context.claims, context.now_ms):
        return "admin"
    if role is None:
        raise NotAllowed
    return role


def _party(state: QuoteRoom, actor: Actor) -> Role | None:
    if actor.kind in ("user", "guest") and actor.id == state.request.owner.id:
        return "owner"
    if actor.kind == "user" and actor.id == state.request.seller_user_id:
        return "seller"
    return None
