"""A journal without a disk, for tests and drills of everything above it: the same contract, and nothing outlives it."""

from collections.abc import AsyncIterator, Sequence

from domain.log import Appended, AppendResult, Batch, Conflict, JournalBroken, Position, Proposal
from persistence.journal.generations import new_epoch
from persistence.journal.tail import Tail

_NO_BOUND = 1 << 62


class MemoryJournal:
    """Fits ``channels.ports.Journal``. ``fail_next`` makes the next append fail."""

    def __init__(self, generation: int = 1, epoch: str = "") -> None:
        self.generation = generation
        self.epoch = epoch or new_epoch()
        self.tail = Tail(0, _NO_BOUND)
        self.fill = 0.0
        self.fail_next: Exception | None = None
        self._broken: JournalBroken | None = None

    @property
    def top(self) -> Position:
        return Position(self.generation, self.tail.top)

    @property
    def confirmed(self) -> Position:
        return Position(self.generation, self.tail.confirmed)

    def break_off(self, error: JournalBroken) -> None:
        """Acknowledge nothing more."""
        self._broken = error

    async def append(self, proposals: Sequence[Proposal]) -> Sequence[AppendResult]:
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error
        if self._broken is not None:
            raise self._broken
        results: list[AppendResult] = []
        groups = []
        for proposal in proposals:
            top = self.tail.last_offset(proposal.room)
            if top is not None and top != proposal.expected_top:
                results.append(Conflict(proposal.room, top))
                continue
            results.append(Appended(proposal.room, proposal.expected_top + len(proposal.records)))
            if proposal.records:
                groups.append(proposal.records)
        if groups:
            self.tail.add(self.tail.top + 1, groups, 0)
        return results

    async def read(self, after: Position) -> AsyncIterator[Batch]:
        for batch in await self.read_some(after.number, self.tail.top):
            yield batch

    async def read_some(self, after: int, limit: int) -> Sequence[Batch]:
        """The next batches behind ``after``."""
        at_hand = self.tail.batches_after(after, limit)
        return [Batch(Position(self.generation, number), records) for number, records in at_hand]

    async def trim(self, up_to: Position) -> None:
        if up_to.generation != self.generation:
            raise ValueError(f"generation {up_to.generation} is not this journal's")
        self.tail.confirm(up_to.number)
