"""What logs are made of: positions, proposals, batches, snapshots, and how storage may fail.

The contracts that use these stand in ``channels/ports.py``; ``persistence`` implements them.
"""

from typing import Literal, NamedTuple, TypeAlias

import msgspec

from domain.decider import Deadline, Piece, Reaction
from domain.ids import RoomAddress
from domain.record import Record


class Position(NamedTuple):
    """A place in the journal: the ``number``-th append of the ``generation``-th journal of this database."""

    generation: int
    number: int


class Proposal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one room wants to append: ``records`` carry the offsets ``expected_top + 1, …``."""

    room: RoomAddress
    expected_top: int
    records: tuple[Record, ...]


class Appended(NamedTuple):
    """The proposal is durable, at its own offsets."""

    room: RoomAddress
    top: int


class Conflict(NamedTuple):
    """Another node was first: the room's top is ``top``; nothing of the proposal was written."""

    room: RoomAddress
    top: int


AppendResult: TypeAlias = Appended | Conflict


class Batch(NamedTuple):
    """One append as read back: records of all rooms, in the order of their proposals."""

    position: Position
    records: tuple[Record, ...]


class JournalFull(Exception):
    """No room on the disk or in the budget: nothing was written, and appending may succeed later."""


class JournalBroken(Exception):
    """A write or fsync failed, or the file is damaged: nothing more may be acknowledged; the process has to end."""


class JournalForsaken(JournalBroken):
    """The journal is sound, and Postgres does not follow it any more: what it would acknowledge from now on would be lost."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A room's state folded to ``offset``: ``state`` is the kind's state as JSON, ``receipts`` the remembered commands as JSON."""

    room: RoomAddress
    offset: int
    version: int
    state: bytes
    receipts: bytes


class StoredPassing(msgspec.Struct, frozen=True, kw_only=True):
    """The last value of a passing thing, kept beside the log: a tick as JSON with its ``type``, or a stream as far as it is kept.

    It came after the event at ``after``, and was handed over at ``at_ms`` (Unix milliseconds). Either ``tick`` or ``piece`` is
    there.
    """

    key: str
    after: int
    at_ms: int
    tick: bytes = b""
    piece: Piece | None = None


class OpenedRoom(NamedTuple):
    """A room as it stands: fold ``records`` (contiguous, first offset = snapshot offset + 1) over the snapshot's state.

    ``snapshot`` is the stored state as JSON with its offset, or None for a fold from the beginning; ``receipts`` are the accepted
    commands to be remembered from before the snapshot. A room without any record does not exist. ``passing`` has the last values
    of what passed in the room, one per key; after a crash a key may be among them that a record behind ``after`` has ended.
    """

    snapshot: Snapshot | None
    records: tuple[Record, ...]
    epoch: str
    passing: tuple[StoredPassing, ...] = ()


class StorageAway(Exception):
    """Postgres does not answer: what is open goes on, what is closed cannot be opened now."""


class DueDeadline(NamedTuple):
    room: RoomAddress
    deadline: Deadline


class PendingReaction(NamedTuple):
    """One row of the outbox. ``number`` rises with its cause inside (source room); the target remembers the highest it took.

    ``pending``: the target is to be given the command. ``refusing``: the target has refused it for good, as ``message`` says, and
    the source room is to be given ``reaction.refusal``.
    """

    id: str
    source: RoomAddress
    number: int
    reaction: Reaction
    state: Literal["pending", "refusing"] = "pending"
    message: str = ""


ReactionOutcome: TypeAlias = Literal["done", "refusing", "refused", "waiting"]


class FinishedReaction(NamedTuple):
    """``done`` and ``refused`` are final; ``refusing``: the source room is to be told; ``waiting``: its kind of room is not there.

    ``message`` is the sentence of a refusal.
    """

    id: str
    outcome: ReactionOutcome
    message: str = ""
