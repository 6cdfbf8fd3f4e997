"""What a room keeps of its newest events for the unread counts in people's own lists."""

from typing import Final, TypeAlias

from domain.ids import ActorId
from domain.record import Record

SPOKEN_MAX: Final = 100
"""Beyond it a count says "100": nobody reads the difference."""

Spoken: TypeAlias = tuple[tuple[int, ActorId], ...]
"""(offset, author) of the newest events that count as unread, oldest first."""


def with_spoken(spoken: Spoken, record: Record) -> Spoken:
    """``spoken`` with one event more; the oldest goes once there are too many."""
    return (*spoken, (record.offset, record.actor.id))[-SPOKEN_MAX:]


def unread_count(spoken: Spoken, position: int, reader: ActorId) -> int:
    """What somebody else said behind ``position``, the offset up to which ``reader`` has read."""
    return sum(offset > position and author != reader for offset, author in spoken)
