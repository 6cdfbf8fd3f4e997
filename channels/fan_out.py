"""Fan-out: encode once per format, join once, one write per member and turn.

Members stand in chunks of one format. A chunk is written in one go and has its own place: everything up to ``next_offset`` has been
written to all of its members. So a large room is written in slices over several loop turns, while every member still sees each
message once and in order, and joins and leaves touch one chunk only.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from channels.seats import FormatName, RoomMessage
from channels.wire.codec import Codec
from domain.ids import RoomAddress

if TYPE_CHECKING:
    from channels.members import Member


STRAIGHT_FROM = 16
"""Members from which on a chunk writes past the connections. Below, each lays its own replies in front, in one write."""


class Head(NamedTuple):
    """How far a stream has been published: the next piece begins at ``position`` of this ``attempt``.

    ``life`` counts the endings in the room up to then, so that a key that was begun anew is told from the beginning.
    """

    attempt: int
    position: int
    life: int


Heads = dict[str, Head]
"""Stream key -> head. Replaced, never changed, so that chunks and members can keep one that was current."""


class Delivery:
    """What a room publishes at once. It reaches up to the event at ``top``; ``heads`` are the streams' heads then."""

    __slots__ = ("_encoded", "_framed", "heads", "messages", "room", "top")

    def __init__(self, room: RoomAddress, messages: list[RoomMessage], top: int, heads: Heads) -> None:
        self.room = room
        self.messages = messages
        self.top = top
        self.heads = heads
        self._framed: dict[FormatName, bytes] = {}
        self._encoded: dict[str, list[bytes]] = {}

    def framed(self, codec: Codec) -> bytes:
        """WebSocket frames for every member of the format: server frames carry no mask, so the same bytes serve everyone."""
        framed = self._framed.get(codec.name)
        if framed is None:
            framed = self._framed[codec.name] = codec.frame(self._encoded_by(codec))
        return framed

    def _encoded_by(self, codec: Codec) -> list[bytes]:
        """Plain and compressed frames hold the same messages."""
        encoded = self._encoded.get(codec.encoding)
        if encoded is None:
            encoded = [codec.encode_room_message(self.room, message) for message in self.messages]
            self._encoded[codec.encoding] = encoded
        return encoded


class Chunk:
    """Members of one format that are written together; all of them have everything below ``next_offset``."""

    __slots__ = ("behind", "codec", "heads", "members", "next_offset", "writers")

    def __init__(self, codec: Codec, next_offset: int, heads: Heads) -> None:
        self.codec = codec
        self.next_offset = next_offset
        self.heads = heads
        self.behind: list[Delivery] = []
        self.members: list[Member] = []
        self.writers: list[Callable[[bytes], None]] = []

    def add(self, member: "Member") -> None:
        """Only at the head: what the chunk is behind with would be written twice to a member that has it."""
        member.chunk = self
        member.index = len(self.members)
        self.members.append(member)
        self.writers.append(member.seat.deliver)

    def remove(self, member: "Member") -> None:
        """The last one takes the place, so this costs the same in every room. The member keeps the chunk's place in the log."""
        last = self.members.pop()
        writer = self.writers.pop()
        if last is not member:
            last.index = member.index
            self.members[member.index] = last
            self.writers[member.index] = writer
        member.chunk = None
        member.next_offset = self.next_offset
        member.heads = self.heads

    def write(self, write_owed: Callable[[], None]) -> int:
        """Write what the chunk is behind with; returns the number of writes. ``write_owed`` lets replies out before it."""
        behind = self.behind
        if not behind:
            return 0
        framed = behind[0].framed(self.codec) if len(behind) == 1 else b"".join(each.framed(self.codec) for each in behind)
        # The place moves first: a write may pause its own transport, and that member then leaves with what it has just been given.
        self.next_offset = behind[-1].top + 1
        self.heads = behind[-1].heads
        self.behind = []
        # Copies, because a member that pauses leaves the list meanwhile.
        if len(self.members) < STRAIGHT_FROM:
            members = self.members.copy()
            for member in members:
                member.seat.write(framed)
            return len(members)
        # Speed: nothing of a member is touched but the write of its TCP transport (``tests/bench/fan_out.py``, W=1).
        write_owed()
        writers = self.writers.copy()
        for write in writers:
            write(framed)
        return len(writers)


class FanOut:
    """The chunks of all rooms that have something to be written, first come, first served, with a budget for one loop turn."""

    __slots__ = ("_behind", "_writes_per_turn", "write_owed", "writes")

    def __init__(self, writes_per_turn: int) -> None:
        self._writes_per_turn = writes_per_turn
        self.write_owed: Callable[[], None] = _nothing
        """Lets out the replies that connections have waiting: they stand before what a room writes in the same turn."""
        self._behind: deque[Chunk] = deque()
        self.writes = 0
        """Writes to members since the start; one may carry several deliveries."""

    @property
    def is_behind(self) -> bool:
        return bool(self._behind)

    def put(self, chunks: Iterable[Chunk], delivery: Delivery) -> None:
        for chunk in chunks:
            if not chunk.behind:
                self._behind.append(chunk)
            chunk.behind.append(delivery)

    def write(self, chunk: Chunk) -> None:
        """Bring one chunk to the head now, outside the turn's budget: before its member list changes."""
        self.writes += chunk.write(self.write_owed)

    def run(self) -> None:
        """One turn's share. A chunk that was brought to the head meanwhile costs nothing."""
        left = self._writes_per_turn
        while self._behind and left > 0:
            written = self._behind.popleft().write(self.write_owed)
            self.writes += written
            left -= written


def _nothing() -> None:
    pass
