"""Who somebody is in a person's room: its owner, the server, or nobody. Administrators are nobody here too."""

from domain.ids import RoomAddress, id_of
from domain.record import Actor
from domain.roles import Claims, Role, person_standing


def standing_in(room: RoomAddress, actor: Actor, claims: Claims, now_ms: int) -> Role | None:
    """A token that only lets look on does so here too, and one for single rooms is not for this one, unless it is a guest's: what
    opens a shared room to a guest does not close their own."""
    match actor.kind:
        case "system":
            return "system"
        case "guest" if actor.id == id_of(room):
            return "owner"
        case "user" if actor.id == id_of(room):
            granted = person_standing("member", claims, room)
            return "owner" if granted in ("member", "admin") else granted
        case _:
            return None
