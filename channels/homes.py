"""Homes: the one kind of room that every person and guest has to themselves, and what is addressed to it by another name."""

from typing import Any, Final

import msgspec

from channels.seats import Given
from domain.decider import Decider, Registry
from domain.event_codec import encode
from domain.ids import RoomAddress, room_address
from domain.record import Actor
from domain.rejections import Malformed

MARK_READ: Final = "room.mark_read"
"""Up to where somebody has read a room: kept in their home, so that all their devices know."""


class _MarkRead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    room: str
    offset: int
    command_id: str
    receipt: str = "durable"


_decoder = msgspec.json.Decoder(_MarkRead)


class Homes:
    def __init__(self, kinds: Registry) -> None:
        self.decider: Decider[Any] | None = next((decider for decider in kinds.values() if decider.is_home), None)

    def of(self, actor: Actor) -> RoomAddress | None:
        """The home of an actor; bots and the server have none."""
        if self.decider is None or actor.kind not in ("user", "guest"):
            return None
        return room_address(self.decider.kind, actor.id)

    def addressed(self, given: Given) -> Given:
        """``room.mark_read`` as the command of the caller's home that it is. Raises ``Malformed``."""
        home = self.of(given.identity.actor)
        if given.name != MARK_READ or self.decider is None or home is None:
            return given
        try:
            asked = _decoder.decode(given.payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(f"{error} - at `$`" if " - at `" not in str(error) else str(error)) from None
        payload = {
            "room": home,
            "command_id": asked.command_id,
            "receipt": asked.receipt,
            "read_room": asked.room,
            "read_offset": asked.offset,
        }
        return msgspec.structs.replace(given, name=f"{self.decider.kind}.mark_read", payload=encode(payload))
