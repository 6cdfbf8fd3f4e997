"""Words to people's own rooms: a notice in their inbox, and rooms in their list. Never what people wrote, only what it is about."""

from typing import Any

from domain.decider import Reaction
from domain.ids import RoomAddress, room_address
from domain.limits import NAME_MAX
from domain.record import Record


def home_of(person_id: str) -> RoomAddress:
    return room_address("person", person_id)


def face(who: Any) -> dict[str, str]:
    """Somebody's public face: an ``Actor``, or whatever else has id, kind, name and image."""
    return {"id": who.id, "kind": who.kind, "name": who.name, "image": who.image}


def notice(record: Record, to: str, what: str, title: str, *, by: Any = None, thing_id: str = "") -> tuple[Reaction, ...]:
    """A notice about something that ``by`` did (by default the record's author); nobody is told of what they did themselves."""
    who = record.actor if by is None else by
    if not to or who.id == to:
        return ()
    payload: dict[str, Any] = {
        "what": what,
        "source": record.room,
        "by": face(who),
        "title": title[:NAME_MAX],
        "at": record.time_ms,
    }
    if thing_id:
        payload["thing_id"] = thing_id
    return (Reaction(target=home_of(to), name="person.notify", payload=payload),)


def noted(record: Record, *people: str) -> tuple[Reaction, ...]:
    """The room comes into these people's own lists."""
    return tuple(Reaction(target=home_of(who), name="person.note_room", payload={"noted": record.room}) for who in people if who)


def forgotten(record: Record, *people: str) -> tuple[Reaction, ...]:
    """The room leaves these people's own lists."""
    return tuple(Reaction(target=home_of(who), name="person.forget_room", payload={"noted": record.room}) for who in people if who)
