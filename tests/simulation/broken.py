"""Nodes that are broken on purpose, each in one promise: a simulation that finds none of them proves nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple
from unittest import mock

from channels.attempt import Attempt
from channels.resume import Ring
from channels.seating import Seating
from domain.log import Appended, AppendResult, OpenedRoom, Position, Proposal
from domain.receipts import ReceiptsDraft
from persistence.write_behind import transaction
from persistence.write_behind.storing import LoopStoring
from persistence.write_behind.taken_back import TakingBack


def _as_it_is(part: Any) -> Any:
    return part


@contextmanager
def _nothing() -> Iterator[None]:
    yield


class Variant(NamedTuple):
    """``journal``, ``log`` and ``followed`` stand before the parts of these names; ``patched`` changes code while it runs.

    ``signs``: kinds of anomalies, or parts of complaints, one of which has to be seen.
    """

    name: str
    what: str
    signs: Sequence[str] = ()
    journal: Callable[[Any], Any] = _as_it_is
    log: Callable[[Any], Any] = _as_it_is
    followed: Callable[[Any], Any] = _as_it_is
    patched: Callable[[], contextlib.AbstractContextManager[Any]] = _nothing
    syncs_every: int = 1
    likely: int = 1
    """A seed at which it was found: where the short form begins to look."""


class Before:
    """Stands before a part and passes everything on that it has not got itself."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class EagerJournal(Before):
    """Says durable before it is."""

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        self.under_way = asyncio.create_task(self._later(proposals, getattr(self, "under_way", None)))
        return [Appended(proposal.room, proposal.expected_top + len(proposal.records)) for proposal in proposals]

    async def _later(self, proposals: Sequence[Proposal], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        await asyncio.sleep(0.005)
        with contextlib.suppress(Exception):
            await self._part.append(proposals)


class ForgetfulLog(Before):
    """Opens rooms from Postgres alone, without what is still on its way there."""

    async def open_room(self, room: Any) -> OpenedRoom:
        opened: OpenedRoom = await self._part.open_room(room)
        stored = tuple(record for record in opened.records if self._part.is_stored(room, record.offset))
        return opened._replace(records=stored)


class HastyJournal(Before):
    """Lets go of what was read from it, before anybody has stored it."""

    async def read_some(self, after: int, limit: int) -> Any:
        batches = await self._part.read_some(after, limit)
        if batches:
            await self._part.trim(batches[-1].position)
        return batches

    async def read(self, after: Position) -> AsyncIterator[Any]:
        async for batch in self._part.read(after):
            yield batch


@contextmanager
def _no_dedupe() -> Iterator[None]:
    with mock.patch.object(ReceiptsDraft, "find", lambda self, actor_id, command_id, digest: None):
        yield


@contextmanager
def _position_unread() -> Iterator[None]:
    """A batch is stored wherever Postgres stands."""
    store = transaction.store

    async def careless(database: Any, kinds: Any, epoch: str, prepared: Any, *rest: Any) -> Any:
        async def lock_position(connection: Any, generation: int, fence: int) -> int:
            return int(prepared.first - 1)

        with mock.patch.object(transaction, "lock_position", lock_position):
            return await store(database, kinds, epoch, prepared, *rest)

    with mock.patch("persistence.write_behind.storing.store", careless):
        yield


@contextmanager
def _resume_too_far() -> Iterator[None]:
    missed = Seating._missed

    def one_less(self: Seating, after: int, older: Any, ring: Ring) -> Any:
        found = missed(self, after, older, ring)
        return found[1:] if found else found

    with mock.patch.object(Seating, "_missed", one_less):
        yield


@contextmanager
def _resume_too_near() -> Iterator[None]:
    missed = Seating._missed

    def one_more(self: Seating, after: int, older: Any, ring: Ring) -> Any:
        return missed(self, max(0, after - 1), older, ring) if not older else missed(self, after, older, ring)

    with mock.patch.object(Seating, "_missed", one_more):
        yield


@contextmanager
def _adopts_refused() -> Iterator[None]:
    """A refused command leaves its records in the batch."""
    take = Attempt._take

    def careless(self: Attempt, asked: Any, decision: Any, records: Any) -> None:
        take(self, asked, decision, records)
        if len(self.asked) % 7 == 3 and records and self.adopted.messages:
            self.adopted.messages.pop()

    with mock.patch.object(Attempt, "_take", careless):
        yield


@contextmanager
def _gives_up() -> Iterator[None]:
    """What could not be stored at the first try is taken for stored."""
    store = LoopStoring.store

    async def once(self: LoopStoring, epoch: str, load: Any) -> Any:
        try:
            return await store(self, epoch, load)
        except transaction.WriteBehindStopped:
            raise
        except Exception:
            return transaction.Outcome(load.last)

    with mock.patch.object(LoopStoring, "store", once):
        yield


@contextmanager
def _words_left() -> Iterator[None]:
    async def apply(self: TakingBack, rooms: Any) -> None:
        pass

    with mock.patch.object(TakingBack, "apply", apply):
        yield


SOUND: Final = Variant("sound", "as it is")

BROKEN: Final = (
    Variant(
        "acknowledge_first",
        "answers before the journal has appended",
        ("lost", "taken_back", "differing", "the node failed", "not settled"),
        journal=EagerJournal,
    ),
    Variant("no_dedupe", "a repeated command runs again", ("ran_twice",), patched=_no_dedupe),
    Variant(
        "position_unread",
        "stores a batch again whose commit was cut off",
        ("doubled", "write-behind stopped"),
        patched=_position_unread,
        likely=20,
    ),
    Variant("resume_too_far", "a resume leaves out the first missed event", ("hole",), patched=_resume_too_far),
    Variant(
        "resume_too_near", "a resume brings the last known event again", ("doubled", "hole"), patched=_resume_too_near, likely=3
    ),
    Variant(
        "trimmed_early",
        "the journal lets go before Postgres holds it",
        ("lost", "taken_back", "the node failed", "write-behind stopped", "not settled"),
        followed=HastyJournal,
        likely=8,
    ),
    Variant(
        "gives_up",
        "takes for stored what Postgres did not take",
        ("lost", "taken_back", "write-behind stopped", "the node failed"),
        patched=_gives_up,
    ),
    Variant(
        "opens_without_tail",
        "opens rooms from Postgres alone",
        ("hole", "doubled", "reordered", "differing", "taken_back", "not settled", "fault"),
        log=ForgetfulLog,
        likely=13,
    ),
    Variant("lying_disk", "a disk that syncs now and then", ("lost", "taken_back", "the node failed"), syncs_every=6, likely=6),
    Variant(
        "event_not_shown",
        "an event is stored and not published",
        ("hole", "fault", "not settled"),
        patched=_adopts_refused,
    ),
    Variant("words_left", "words that were taken back stay in the log", ("not forgotten",), patched=_words_left, likely=8),
)
