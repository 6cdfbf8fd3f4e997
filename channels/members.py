"""Who is in a room, at which offset: the fast list (in chunks) and the members that lag."""

from collections.abc import Iterator, Mapping, ValuesView

from channels.fan_out import Chunk, Heads
from channels.seats import FormatName, Seat
from channels.wire.codec import Codec


class Member:
    """A seat in a room. On the fast list (``chunk`` is set) the chunk knows its place; off it, ``next_offset`` and ``heads`` do."""

    __slots__ = ("chunk", "heads", "index", "next_offset", "seat")

    def __init__(self, seat: Seat, next_offset: int, heads: Heads) -> None:
        self.seat = seat
        self.next_offset = next_offset
        self.heads = heads
        self.chunk: Chunk | None = None
        self.index = 0

    @property
    def is_lagging(self) -> bool:
        return self.chunk is None


class Members:
    """The members of one room by seat. Chunks hold at most ``slice_members`` members of one format each."""

    __slots__ = ("_by_seat", "_chunks", "_codecs", "_slice_members", "fast_count")

    def __init__(self, codecs: Mapping[FormatName, Codec], slice_members: int) -> None:
        self._codecs = codecs
        self._slice_members = slice_members
        self._by_seat: dict[Seat, Member] = {}
        self._chunks: dict[FormatName, list[Chunk]] = {}
        self.fast_count = 0

    def __len__(self) -> int:
        return len(self._by_seat)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._by_seat.values())

    def all(self) -> ValuesView[Member]:
        return self._by_seat.values()

    def find(self, seat: Seat) -> Member | None:
        return self._by_seat.get(seat)

    @property
    def chunks(self) -> Iterator[Chunk]:
        return (chunk for chunks in self._chunks.values() for chunk in chunks)

    @property
    def is_behind(self) -> bool:
        """Some chunk has not been given everything that was published."""
        return any(chunk.behind for chunk in self.chunks)

    def admit(self, member: Member) -> None:
        """Into the room, not yet on the fast list."""
        self._by_seat[member.seat] = member

    def discard(self, seat: Seat) -> None:
        self._by_seat.pop(seat, None)

    def chunk_for(self, format_name: FormatName, next_offset: int, heads: Heads) -> Chunk:
        """A chunk with a free place. The caller brings it to the head (``FanOut.write``) before it adds anyone."""
        chunks = self._chunks.setdefault(format_name, [])
        for chunk in reversed(chunks):
            if len(chunk.members) < self._slice_members:
                return chunk
        chunk = Chunk(self._codecs[format_name], next_offset, heads)
        chunks.append(chunk)
        return chunk

    def to_fast(self, member: Member, chunk: Chunk) -> None:
        chunk.add(member)
        self.fast_count += 1

    def off_fast(self, member: Member) -> None:
        """Off the fast list, keeping its place in the log; a member that lags already stays as it is."""
        chunk = member.chunk
        if chunk is None:
            return
        chunk.remove(member)
        self.fast_count -= 1
        if not chunk.members:
            self._chunks[chunk.codec.name].remove(chunk)
