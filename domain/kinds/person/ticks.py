"""What passes in a person's room: the lines of their own list, one per room."""

from typing import Final

from domain.decider import Tick
from domain.ids import RoomAddress


class ListEntry(Tick, frozen=True, kw_only=True, tag="list_entry"):
    """``key`` is ``room:<address>``; live while the room is in the own list. ``at`` is the time of the room's newest event in Unix
    milliseconds, ``unread`` what others said behind one's read position (100 means 100 or more)."""

    room: RoomAddress
    name: str
    status: str = ""
    step: str = ""
    progress: int | None = None
    at: int = 0
    unread: int = 0


TICKS: Final[tuple[type[Tick], ...]] = (ListEntry,)


def list_key(room: str) -> str:
    return f"room:{room}"
