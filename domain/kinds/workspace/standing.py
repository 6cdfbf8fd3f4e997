"""Who somebody is in a workspace: admins by grant, every signed-in person a member, guests look on, bots report."""

from domain.decider import Context
from domain.ids import RoomAddress
from domain.record import Actor
from domain.roles import Claims, Role, bot_standing, is_admin_everywhere, is_for_other_rooms, person_standing


def standing_in(room: RoomAddress, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
    match actor.kind:
        case "user":
            return person_standing("admin" if is_admin_everywhere(claims.grants, now_ms) else "member", claims, room)
        case "bot":
            return bot_standing(claims, room)
        case "guest":
            return None if is_for_other_rooms(claims, room) else "viewer"
        case "system":
            return "system"


def is_admin(context: Context) -> bool:
    return standing_in(context.room, context.actor, context.claims, context.now_ms) == "admin"
