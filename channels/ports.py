"""What the live side needs from outside: contracts with their guarantees.

``persistence`` fits them without importing them; ``server.wiring`` proves by type that it does.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from channels.seats import Identity
from domain.decider import Deadline, Piece, Ref, Tick
from domain.ids import RoomAddress
from domain.log import (
    AppendResult,
    Batch,
    DueDeadline,
    FinishedReaction,
    OpenedRoom,
    PendingReaction,
    Position,
    Proposal,
    Snapshot,
)
from domain.record import Record


class Journal(Protocol):
    """The durable log of this node (or, over Redis, of all nodes): what is acknowledged stands here.

    ``append`` returns only after the whole batch is durable, in one commit; results are in the order of the proposals, and a room
    is in at most one proposal in flight. If it is cancelled, the batch may or may not be durable: the caller must not cancel it.
    """

    @property
    def epoch(self) -> str:
        """The generation of the rooms' logs as clients see it; a new one whenever the log may have lost its end."""
        ...

    @property
    def top(self) -> Position: ...

    @property
    def fill(self) -> float:
        """Used share of the budget, 0 to 1. From 0.8 producers are slowed, at 1 refused."""
        ...

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        """Raises ``JournalFull`` (nothing written, go on) or ``JournalBroken`` (end the process)."""
        ...

    def read(self, after: Position) -> AsyncIterator[Batch]:
        """The batches behind ``after`` in order, ending at the top of the moment."""
        ...

    async def trim(self, up_to: Position) -> None:
        """What Postgres confirmed may go; never cuts a batch behind ``up_to``."""
        ...


class EventLog(Protocol):
    """The log of every room, stored or still on its way: journal tail first, then Postgres."""

    async def open_room(self, room: RoomAddress) -> OpenedRoom:
        """Everything durable about a room. Raises ``StorageAway``."""
        ...

    async def history(self, room: RoomAddress, after: int, limit: int, reverse: bool = False) -> Sequence[Record]:
        """Records with offset > ``after`` ascending (or, reversed, offset < ``after`` descending; 0 then means from the top),
        at most ``limit``. Raises ``StorageAway`` when they are neither in memory nor to be had."""
        ...

    async def stored(self, room: RoomAddress, offset: int, wait_s: float) -> bool:
        """Wait until Postgres holds the room up to ``offset``; False after ``wait_s`` seconds."""
        ...

    def is_stored(self, room: RoomAddress, offset: int) -> bool:
        """Whether write-behind has confirmed this offset since the node started, or nothing of the room is on its way."""
        ...

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Hand a state over: stored in the transaction that covers its offset, or soon after; the newest per room wins."""
        ...

    def keep_deadlines(self, room: RoomAddress, offset: int, deadlines: Sequence[Deadline]) -> None:
        """The room's deadlines as of ``offset``: they replace the earlier ones in the transaction that covers it."""
        ...

    def keep_tick(self, room: RoomAddress, after: int, tick: Tick | Piece) -> None:
        """The last value of a passing thing: coalesced per key, written at most once a second, never before ``after``.

        A piece is the whole stream as far as it is kept: ``text`` from ``position`` to what was told last. From here on
        ``open_room`` gives it (``OpenedRoom.passing``) until ``end_passing``; a crash takes back a second of it at most.
        """
        ...

    def end_passing(self, room: RoomAddress, offset: int, keys: Collection[str]) -> None:
        """These keys have ended with the event at ``offset``: what was kept of them up to there is dropped, here and in Postgres.

        What is handed over afterwards under the same key, ``after`` that offset or a later one, is a new telling and stays.
        """
        ...

    def redact(self, room: RoomAddress, offsets: Collection[int]) -> None:
        """What people wrote in these records is taken back by a record that is durable now.

        From here on nothing that is read here has it, wherever the records are by now. Postgres loses it in the transaction that
        stores the record which takes it back; that one finds the offsets by itself (``Decider.redacts``).
        """
        ...


class Deadlines(Protocol):
    """The stored deadlines of rooms that nobody has open."""

    async def due(self, now_ms: int, limit: int) -> Sequence[DueDeadline]:
        """Raises ``StorageAway``."""
        ...


class Reactions(Protocol):
    """The outbox of commands that events of one room make in another."""

    async def pending(self, limit: int) -> Sequence[PendingReaction]:
        """The next ones of as many source rooms as there are, in order within each source, at most ``limit``.

        One that waits for its kind of room is among them at most once a minute; later ones for the same room wait behind it.
        Raises ``StorageAway``.
        """
        ...

    async def finish(self, finished: Sequence[FinishedReaction]) -> None:
        """All at once; finishing twice changes nothing. Raises ``StorageAway``."""
        ...

    async def until_new(self, timeout_s: float) -> None:
        """Returns when something has been added since the last call of ``pending``, or after ``timeout_s`` seconds."""
        ...


class References(Protocol):
    """What rules have to know of other rooms and of the catalogue."""

    async def look_up(self, refs: Iterable[Ref]) -> Mapping[Ref, Any]:
        """What was found; raises ``StorageAway`` where it cannot be told."""
        ...


class LiveStore(Protocol):
    """The shared memory of passing values between nodes: last ticks and the folds of streams."""

    def put_tick(self, room: RoomAddress, tick: Tick) -> None: ...


class Broker(Protocol):
    """Between nodes: wakes the others when a room has moved on. At most once; the journal is the truth."""

    async def publish(self, room: RoomAddress, top: int) -> None:
        """This node has appended to ``room`` up to ``top``."""
        ...

    def listen(self, follow: Callable[[RoomAddress, int], None]) -> None:
        """Call ``follow`` on this node's loop with (room, top) whenever another node publishes."""
        ...


class Ports(NamedTuple):
    """All that the hub needs from outside.

    Without ``deadlines`` those of closed rooms do not fire; without ``reactions`` the outbox rests; without ``references`` all that
    rules ask for is unknown; without ``broker`` the node is alone.
    """

    journal: Journal
    log: EventLog
    deadlines: Deadlines | None = None
    reactions: Reactions | None = None
    references: References | None = None
    broker: Broker | None = None


class InvalidToken(Exception):
    """The token is not ours, broken, or signed by somebody else: the connection ends with 3500, HTTP answers 401."""


class Authenticator(Protocol):
    """Who a token stands for. One object serves sockets and HTTP."""

    async def identify(self, token: str) -> Identity:
        """An empty token is a guest where guests are on.

        Raises ``InvalidToken``, ``domain.rejections.SignInNeeded`` (the token has run out) or ``domain.rejections.Unavailable``
        (keys or Postgres cannot be reached).
        """
        ...
