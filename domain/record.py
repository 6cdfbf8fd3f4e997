"""Record: an event that happened, with its place and its author."""

from typing import Any, Literal, TypeAlias

import msgspec

from domain.ids import SYSTEM_ACTOR_ID, ActorId, CommandId, RoomAddress, ThingId, derived_id

ActorKind: TypeAlias = Literal["user", "bot", "guest", "system"]


class Actor(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who gives a command. Names and images are public faces; mail addresses never stand here."""

    id: ActorId
    kind: ActorKind = "user"
    name: str = ""
    image: str = ""


SYSTEM: Actor = Actor(id=SYSTEM_ACTOR_ID, kind="system", name="Atrium")


class Event(msgspec.Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What has happened, in the past tense. Every subclass has an explicit, stable ``tag`` and its kind's list names it."""


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a room's log.

    ``offset`` counts from 1 in each room, without a gap. ``time_ms`` (Unix milliseconds) never falls inside a room. ``ordinal`` is
    the event's place among the events of its command and ``last`` marks the final one; ``digest`` is that of the command's
    content, by which a repeat is told from a reuse. ``body`` is the event as JSON: the journal, the publication and the database
    all use these bytes, so an event is encoded once.
    """

    room: RoomAddress
    offset: int
    time_ms: int
    actor: Actor
    command_id: CommandId
    ordinal: int
    last: bool
    digest: str
    event: Event
    version: int
    body: bytes

    @property
    def id(self) -> ThingId:
        """The event's id, which is also the id of what the event makes."""
        return derived_id(self.room, self.actor.id, self.command_id, self.ordinal)


JsonObject: TypeAlias = dict[str, Any]
"""An open object of a JSON field, as it came (size and depth bounded at the edge)."""
