"""``directory:<kind>s``: what the open rooms of a kind say of themselves, kept live. Ticks only, no log."""

from collections.abc import Mapping
from typing import Any

import msgspec

from channels.audience import Audience, Surroundings
from channels.publications import tick_data
from channels.room import Room
from channels.seats import Identity
from channels.timers import Alarm
from domain.decider import Decider, Tick
from domain.event_codec import encode
from domain.ids import RoomAddress


class DirectoryEntry(Tick, frozen=True, kw_only=True, tag="directory_entry"):
    """What a room says of itself. ``key`` is its address; on the wire the entry's own fields stand beside it.

    ``entry`` is None when the room is gone: ``{"type": "directory_entry", "key": …, "is_gone": true}``.
    """

    entry: msgspec.Struct | None


def shown(entry: DirectoryEntry) -> dict[str, Any]:
    """As it stands in the tick's JSON."""
    fields: dict[str, Any] = {"is_gone": True} if entry.entry is None else msgspec.structs.asdict(entry.entry)
    return {"type": "directory_entry", "key": entry.key, **fields}


class Directory:
    """One kind's directory. Whoever may see one of its rooms may see the list, entry by entry the same for all.

    Entries are looked at when their room was touched, at most once in the interval, and published only when they have changed.
    Those of rooms that closed stay as they were, up to a bound, the oldest go first.
    """

    def __init__(self, decider: Decider[Any], epoch: str, around: Surroundings) -> None:
        self.address = address_of_directory(decider.kind)
        self.epoch = epoch
        self.top = 0
        self._decider = decider
        self._around = around
        self._touched: dict[RoomAddress, tuple[Room, Audience]] = {}
        self._entries: dict[RoomAddress, DirectoryEntry] = {}
        self._alarm: Alarm | None = None
        self.audience = Audience(self, around, are_ticks_in_view=True)

    def may_see(self, identity: Identity, now_ms: int) -> bool:
        """By what the actor would be in a room of this kind that gives nobody more than the claims do."""
        state = self._decider.initial(self.address)
        return self._decider.standing(state, identity.actor, identity.claims, now_ms) is not None

    def view(self) -> bytes:
        return encode({"entries": [entry.entry for entry in self._entries.values()]})

    def entries(self) -> Mapping[RoomAddress, msgspec.Struct]:
        return {address: entry.entry for address, entry in self._entries.items() if entry.entry is not None}

    def touch(self, room: Room, audience: Audience) -> None:
        """The room has changed, or something in it has ticked."""
        self._touched[room.address] = (room, audience)
        if self._alarm is None:
            at_ms = self._around.now_ms() + self._around.settings.directory_interval_ms
            self._alarm = self._around.alarms.set(at_ms, self._look)

    def _look(self, now_ms: int) -> None:
        self._alarm = None
        touched, self._touched = self._touched, {}
        for address, (room, audience) in touched.items():
            struct = self._decider.directory_entry(room.place.state, audience.live.values)
            entry = DirectoryEntry(key=address, entry=struct)
            known = self._entries.get(address)
            if entry != known and (known is not None or struct is not None):
                self._publish(entry, now_ms)

    def _publish(self, entry: DirectoryEntry, now_ms: int) -> None:
        address = RoomAddress(entry.key)
        self._entries.pop(address, None)
        if entry.entry is not None:
            self._entries[address] = entry
        live = self.audience.live
        while len(self._entries) > self._around.settings.directory_entries:
            oldest = next(iter(self._entries))
            del self._entries[oldest]
            live.forget_tick(oldest)
        live.put_tick(entry, 0, now_ms, tick_data(shown(entry), 0))
        self.audience.touch()


def address_of_directory(kind: str) -> RoomAddress:
    return RoomAddress(f"directory:{kind}s")
