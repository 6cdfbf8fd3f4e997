"""The broker of a single node, and of several hubs in one process (tests): wakes the others when a room has moved on."""

from collections.abc import Callable

from domain.ids import RoomAddress


class MemoryBroker:
    """Fulfils ``channels.ports.Broker``. Alone it tells nobody; ``connect`` makes two nodes hear each other."""

    def __init__(self) -> None:
        self._others: list[MemoryBroker] = []
        self._follow: Callable[[RoomAddress, int], None] | None = None

    def connect(self, other: "MemoryBroker") -> None:
        self._others.append(other)
        other._others.append(self)

    def listen(self, follow: Callable[[RoomAddress, int], None]) -> None:
        self._follow = follow

    async def publish(self, room: RoomAddress, top: int) -> None:
        for other in self._others:
            if other._follow is not None:
                other._follow(room, top)
