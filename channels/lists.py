"""Where a room is listed: in its kind's directory, and in the own lists of the people whose it is, which stand in their homes."""

from collections.abc import Mapping
from typing import Final

from channels.audience import Audience
from channels.directory import Directory, address_of_directory
from channels.node import Node
from channels.room import Room
from channels.rooms import Rooms
from channels.timers import Alarm
from domain.ids import RoomAddress, id_of, kind_of, room_address

LINE: Final = "room:"
"""What a line's key begins with; the room's address follows."""


class Lists:
    """Told of every room that has changed. Own lists are looked at at most once in the interval, and only where their home is open
    here: somebody is there to see it. What nobody sees is not kept; the list's page of HTTP tells it."""

    def __init__(self, node: Node, rooms: Rooms, directories: Mapping[RoomAddress, Directory]) -> None:
        self._node = node
        self._rooms = rooms
        self._directory_of = {kind: directories.get(address_of_directory(kind)) for kind in node.kinds}
        self._home = node.homes.decider
        self._touched: dict[RoomAddress, None] = {}
        self._alarm: Alarm | None = None

    def touch(self, room: Room, audience: Audience) -> None:
        """The room has changed, or something in it has ticked."""
        directory = self._directory_of[room.decider.kind]
        if directory is not None:
            directory.touch(room, audience)
        if self._home is None:
            return
        self._touched[room.address] = None
        if self._alarm is None:
            around = self._node.around
            self._alarm = around.alarms.set(around.now_ms() + around.settings.directory_interval_ms, self._look)

    def _look(self, now_ms: int) -> None:
        self._alarm = None
        touched, self._touched = self._touched, {}
        for address in touched:
            if self._home is not None and kind_of(address) == self._home.kind:
                self._refresh(address, now_ms)
            else:
                self._tell(address, now_ms)

    def _tell(self, address: RoomAddress, now_ms: int) -> None:
        """A room has changed: everybody in whose list it stands, and who is here, sees it."""
        open_room = self._rooms.find(address)
        if open_room is None or self._home is None:
            return
        for actor_id in open_room.room.decider.listed_for(open_room.room.place.state):
            self._show(room_address(self._home.kind, actor_id), address, now_ms)

    def _refresh(self, home: RoomAddress, now_ms: int) -> None:
        """A home has changed: somebody has read a room, say. By the rooms of its list, not by those that are open: after a restart
        thousands of homes are opened together."""
        open_home = self._rooms.find(home)
        if open_home is None:
            return
        for key in open_home.room.decider.live_keys(open_home.room.place.state):
            self._show(home, RoomAddress(key.removeprefix(LINE)), now_ms)

    def _show(self, home: RoomAddress, address: RoomAddress, now_ms: int) -> None:
        open_home, open_room = self._rooms.find(home), self._rooms.find(address)
        if open_home is None or open_room is None:
            return
        room = open_room.room
        if id_of(home) not in room.decider.listed_for(room.place.state):
            return
        listing = room.decider.listing(room.place.state, open_room.audience.live.values)
        live = open_home.audience.live
        tick = open_home.room.decider.list_entry(open_home.room.place.state, address, listing)
        if tick is not None and live.values.get(tick.key) != tick:
            live.put_tick(tick, open_home.room.top, now_ms)
            open_home.audience.touch()
