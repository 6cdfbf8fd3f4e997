"""The rooms that one connection follows, and those that it has asked for. Sans-I/O; seconds of a monotonic clock."""

from math import inf

from domain.ids import RoomAddress


class Asked:
    """A subscribe that waits for its room; ``is_given_up`` once it was answered with 100 because that took too long."""

    __slots__ = ("by_s", "id", "is_given_up")

    def __init__(self, id: int, by_s: float) -> None:
        self.id = id
        self.by_s = by_s
        self.is_given_up = False


class Followed:
    __slots__ = ("_asked", "rooms")

    def __init__(self) -> None:
        self.rooms: set[RoomAddress] = set()
        self._asked: dict[RoomAddress, Asked] = {}

    def __len__(self) -> int:
        """Both together: what counts against the limit of a connection."""
        return len(self.rooms) + len(self._asked)

    @property
    def asked(self) -> int:
        return len(self._asked)

    def is_asked(self, room: str) -> bool:
        return room in self._asked

    def is_given_up(self, room: str) -> bool:
        asked = self._asked.get(RoomAddress(room))
        return asked is not None and asked.is_given_up

    def ask(self, room: RoomAddress, id: int, by_s: float) -> None:
        self._asked[room] = Asked(id, by_s)

    def answered(self, room: RoomAddress, is_member: bool) -> Asked | None:
        """What this answers, or None where nobody waits (any more)."""
        asked = self._asked.pop(room, None)
        if asked is not None and is_member and not asked.is_given_up:
            self.rooms.add(room)
        return asked

    def left(self, room: RoomAddress) -> bool:
        """Whether the room was followed; now it is not."""
        if room not in self.rooms:
            return False
        self.rooms.remove(room)
        return True

    def due_s(self) -> float:
        return min((asked.by_s for asked in self._asked.values() if not asked.is_given_up), default=inf)

    def give_up(self, now_s: float) -> list[tuple[RoomAddress, int]]:
        """Rooms and ids of subscribes that have waited too long. They stay asked for until they answer, so that it is undone."""
        late = [(room, asked) for room, asked in self._asked.items() if now_s >= asked.by_s and not asked.is_given_up]
        for _, asked in late:
            asked.is_given_up = True
        return [(room, asked.id) for room, asked in late]

    def forget(self) -> None:
        """The connection is over."""
        self.rooms = set()
        self._asked = {}
