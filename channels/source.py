"""What the members of an open room follow: a room's log, or a directory's entries."""

from typing import Protocol

from channels.seats import Identity
from domain.ids import RoomAddress


class Source(Protocol):
    """``Room`` and ``Directory`` are sources: where a view comes from, and who may see it."""

    @property
    def address(self) -> RoomAddress: ...

    @property
    def epoch(self) -> str: ...

    @property
    def top(self) -> int:
        """The newest event's offset; 0 where there are no events."""
        ...

    def may_see(self, identity: Identity, now_ms: int) -> bool: ...

    def view(self) -> bytes:
        """What a joiner is given at ``top``, as JSON."""
        ...
