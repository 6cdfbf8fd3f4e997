"""Other nodes: hear that a room has moved on elsewhere and follow it; tell them what has moved on here."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from channels.attempt import Adopted
from channels.node import Node
from channels.open_room import OpenRoom
from channels.ports import Broker
from channels.rooms import Rooms
from domain.ids import RoomAddress
from domain.log import StorageAway
from domain.rejections import Busy

logger = logging.getLogger(__name__)


class OtherNodes:
    """A call of the broker only wakes; the log is the truth. What is told gathers per room, the newest top wins."""

    def __init__(self, node: Node, rooms: Rooms, broker: Broker, settle: Callable[[OpenRoom, Adopted], None]) -> None:
        self._node = node
        self._rooms = rooms
        self._broker = broker
        self._settle = settle
        self._moved: dict[RoomAddress, int] = {}
        self._wake = asyncio.Event()
        broker.listen(self.follow)

    def moved_on(self, room: RoomAddress, top: int) -> None:
        """This node has appended."""
        self._moved[room] = top
        self._wake.set()

    def follow(self, address: RoomAddress, top: int) -> None:
        """Another node has. A room in flight here finds out by its own append."""
        open_room = self._rooms.find(address)
        if open_room is None or open_room.room.top >= top:
            return
        try:
            self._node.workers.put(partial(self._catch_up, open_room))
        except Busy:
            logger.warning("%s follows later: too many reads wait", address)

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            moved, self._moved = self._moved, {}
            for room, top in moved.items():
                await self._broker.publish(room, top)

    async def _catch_up(self, open_room: OpenRoom) -> None:
        room = open_room.room
        try:
            missed = await self._node.ports.log.history(room.address, room.top, self._node.settings.resume_events)
        except StorageAway:
            return
        if not room.is_in_flight:
            self._settle(open_room, room.follow(missed))
