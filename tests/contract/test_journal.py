"""One suite for every journal: in memory, and SQLite with each way to commit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from domain.kinds import KINDS
from domain.log import Appended, Conflict, JournalForsaken, Position
from persistence.journal.memory import MemoryJournal
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.settings import JournalSettings
from tests.support.journals import MemoryGenerations
from tests.support.records import posted, proposal, workspace

ONE, TWO = workspace("one"), workspace("two")


@pytest.fixture(params=["memory", "sqlite:loop", "sqlite:thread", "sqlite:process"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            yield MemoryJournal()
            return
        way = request.param.partition(":")[2]
        settings = JournalSettings(folder=tmp_path / "journal", commit=way, ballast_bytes=0)
        yield await stack.enter_async_context(open_sqlite_journal(MemoryGenerations(), settings, KINDS))


async def all_of(journal: Any, after: int = 0) -> list[tuple[int, Sequence[Any]]]:
    return [(batch.position.number, batch.records) async for batch in journal.read(Position(journal.top.generation, after))]


async def test_a_journal_that_was_broken_off_acknowledges_nothing_more(journal: Any) -> None:
    await journal.append([proposal(ONE, 1)])
    journal.break_off(JournalForsaken("Postgres follows another journal"))

    with pytest.raises(JournalForsaken, match="another journal"):
        await journal.append([proposal(ONE, 2)])
    assert [number for number, _ in await all_of(journal)] == [1]


async def test_an_empty_journal_has_nothing_to_read(journal: Any) -> None:
    assert journal.top.number == 0
    assert await all_of(journal) == []


async def test_results_come_in_the_order_of_the_proposals(journal: Any) -> None:
    results = await journal.append([proposal(TWO, 1, 2), proposal(ONE, 1)])

    assert results == [Appended(TWO, 2), Appended(ONE, 1)]


async def test_batches_are_read_back_as_they_were_appended(journal: Any) -> None:
    await journal.append([proposal(ONE, 1, 2), proposal(TWO, 1)])
    await journal.append([proposal(ONE, 3)])

    assert await all_of(journal) == [(1, (posted(ONE, 1), posted(ONE, 2), posted(TWO, 1))), (2, (posted(ONE, 3),))]
    assert journal.top == Position(journal.top.generation, 2)


async def test_reading_starts_behind_the_position(journal: Any) -> None:
    for offset in range(1, 5):
        await journal.append([proposal(ONE, offset)])

    assert [number for number, _ in await all_of(journal, after=2)] == [3, 4]


async def test_every_concurrent_append_is_answered_and_none_is_lost_or_doubled(journal: Any) -> None:
    rooms = [workspace(f"room {n}") for n in range(40)]

    answers = await asyncio.gather(*(journal.append([proposal(room, 1)]) for room in rooms))

    assert answers == [[Appended(room, 1)] for room in rooms]
    read = [record.room for _, records in await all_of(journal) for record in records]
    assert sorted(read) == sorted(rooms)


async def test_a_room_appends_in_order_across_many_batches(journal: Any) -> None:
    for offset in range(1, 31):
        await journal.append([proposal(ONE, offset)])

    offsets = [record.offset for _, records in await all_of(journal) for record in records]
    assert offsets == list(range(1, 31))


async def test_another_top_than_expected_is_a_conflict_and_writes_nothing_of_that_room(journal: Any) -> None:
    await journal.append([proposal(ONE, 1, 3)])

    results = await journal.append([proposal(ONE, 2), proposal(TWO, 1)])

    assert results == [Conflict(ONE, 3), Appended(TWO, 1)]
    assert (await all_of(journal))[-1] == (2, (posted(TWO, 1),))


async def test_nothing_proposed_takes_no_number(journal: Any) -> None:
    assert await journal.append([]) == []

    assert journal.top.number == 0


async def test_trimming_keeps_what_lies_behind_the_position(journal: Any) -> None:
    for offset in range(1, 4):
        await journal.append([proposal(ONE, offset)])

    await journal.trim(Position(journal.top.generation, 2))

    assert [number for number, _ in await all_of(journal, after=2)] == [3]
    assert journal.top.number == 3


async def test_trimming_to_the_top_leaves_the_numbers_going_on(journal: Any) -> None:
    await journal.append([proposal(ONE, 1)])
    await journal.trim(journal.top)
    await journal.append([proposal(ONE, 2)])

    assert await all_of(journal, after=1) == [(2, (posted(ONE, 2),))]


async def test_what_was_taken_back_is_read_without_its_words(journal: Any) -> None:
    await journal.append([proposal(ONE, 1, 2), proposal(TWO, 1)])
    await journal.append([proposal(ONE, 3)])
    journal.tail.redact(ONE, [2, 3])

    read = [(record.room, record.offset, record.event.text) for _, records in await all_of(journal) for record in records]
    assert read == [(ONE, 1, "message 1"), (ONE, 2, ""), (TWO, 1, "message 1"), (ONE, 3, "")]


async def test_another_generation_is_never_trimmed(journal: Any) -> None:
    await journal.append([proposal(ONE, 1)])

    with pytest.raises(ValueError, match="generation"):
        await journal.trim(Position(journal.top.generation + 1, 1))


async def test_the_fill_is_a_share(journal: Any) -> None:
    await journal.append([proposal(ONE, 1)])

    assert 0.0 <= journal.fill < 0.5


async def test_an_epoch_is_a_short_text(journal: Any) -> None:
    assert 0 < len(journal.epoch) <= 32
