"""What one transaction takes of the journal: bounded in records and in bytes, in whole batches."""

from collections.abc import Sequence

import msgspec

from domain.log import Batch
from persistence.journal.memory import MemoryJournal
from persistence.write_behind.reading import READ_AT_ONCE, Reading
from persistence.write_behind.settings import WriteBehindSettings
from tests.support.records import posted, proposal_of, workspace

ROOM = workspace("read")
LARGE = "\N{CRAB}" * 20_000
"""The longest message there may be: 80 KB."""


async def journal_of(*batches: Sequence[str]) -> "CountingJournal":
    journal, offset = CountingJournal(), 0
    for texts in batches:
        records = [posted(ROOM, offset + number, text) for number, text in enumerate(texts, 1)]
        offset += len(records)
        await journal.append([proposal_of(records)])
    return journal


class CountingJournal(MemoryJournal):
    """Knows how many bytes of bodies were asked of it at once, at most."""

    most_bytes = 0

    async def read_some(self, after: int, limit: int) -> Sequence[Batch]:
        some = await super().read_some(after, limit)
        self.most_bytes = max(self.most_bytes, sum(len(record.body) for batch in some for record in batch.records))
        return some


async def portions(journal: MemoryJournal, settings: WriteBehindSettings) -> list[tuple[int, int]]:
    """How many records each of them had, and where it ended."""
    reading, after, found = Reading(journal, settings), 0, []
    while (portion := await reading.read(after)).records:
        found.append((len(portion.records), portion.last))
        after = portion.last
    return found


async def test_many_small_batches_go_together_up_to_the_records_bound() -> None:
    journal = await journal_of(*[["small"]] * 250)

    assert await portions(journal, WriteBehindSettings(batch_records=100)) == [(100, 100), (100, 200), (50, 250)]


async def test_the_longest_messages_go_a_few_megabytes_at_a_time() -> None:
    journal = await journal_of(*[[LARGE]] * 200)
    settings = WriteBehindSettings()

    found = await portions(journal, settings)

    size = len(posted(ROOM, 1, LARGE).body)
    assert [records for records, _ in found] == [52, 52, 52, 44]
    assert max(records for records, _ in found) * size <= settings.batch_bytes


async def test_a_batch_above_the_bound_goes_alone_and_whole() -> None:
    journal = await journal_of(["a", "b"], ["x" * 5_000, "y"], ["c"], ["d"])

    assert await portions(journal, WriteBehindSettings(batch_bytes=1_000)) == [(2, 1), (2, 2), (2, 4)]


async def test_no_more_is_read_at_once_than_will_be_taken() -> None:
    journal = await journal_of(*[[LARGE]] * 300)
    reading = Reading(journal, WriteBehindSettings())
    after = (await reading.read(0)).last
    journal.most_bytes = 0

    await reading.read(after)

    assert journal.most_bytes <= WriteBehindSettings().batch_bytes


async def test_small_batches_are_read_many_at_a_time_again() -> None:
    journal = await journal_of([LARGE * 2], *[["small"]] * 300)
    settings = msgspec.structs.replace(WriteBehindSettings(), batch_bytes=100_000)
    reading = Reading(journal, settings)

    first = await reading.read(0)
    rest = await reading.read(first.last)

    assert (first.last, len(rest.records)) == (1, 300)
    assert reading._at_once == READ_AT_ONCE
