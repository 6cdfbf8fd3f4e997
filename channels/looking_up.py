"""References: what a command names outside its room is looked up before the rules see it, in the order in which it was asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.node import Node
from channels.rooms import Rooms
from domain.decider import Ref
from domain.ids import room_address
from domain.log import StorageAway
from domain.rejections import NotAllowed, Unavailable


class LookingUp:
    """Rooms are asked themselves, opened where they are closed; all else is asked of ``ports.references``.

    Runs on workers of its own: those that open rooms must not wait for rooms to be opened.
    """

    def __init__(self, node: Node, rooms: Rooms) -> None:
        self._node = node
        self._rooms = rooms

    async def find(self, refs: Sequence[Ref]) -> Mapping[Ref, Any]:
        """What was found; what is unknown is missing. Raises ``Unavailable``, ``Busy``."""
        rooms = [ref for ref in refs if ref.kind in self._node.kinds]
        others = [ref for ref in refs if ref.kind not in self._node.kinds]
        found = await self._others(others) if others else {}
        for ref in rooms:
            referred = await self._room(ref)
            if referred is not None:
                found[ref] = referred
        return found

    async def _others(self, refs: Sequence[Ref]) -> dict[Ref, Any]:
        references = self._node.ports.references
        if references is None:
            return {}
        try:
            return dict(await references.look_up(refs))
        except StorageAway:
            raise Unavailable("what this command refers to cannot be looked up now; repeat it in a moment") from None

    async def _room(self, ref: Ref) -> Any:
        address = room_address(ref.kind, ref.id)
        try:
            self._node.decider_of(address)
        except NotAllowed:
            return None
        room = (await self._rooms.opened(address)).room
        return room.decider.referred(room.place.state) if room.exists else None
