"""The unstored end of the journal: who waits for it, who has stopped waiting, and what was taken back in it."""

import asyncio

import pytest

from domain.redaction import redacted_record
from persistence.journal.tail import Tail
from tests.support.records import proposal, workspace


async def test_whoever_stops_waiting_for_postgres_is_forgotten() -> None:
    tail = Tail(0, 1 << 20)
    tail.add(1, [proposal(workspace("one"), 1).records], 100)

    for _ in range(50):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await tail.until_confirmed(1)

    assert tail.awaiting == 0


async def test_who_waits_hears_of_it_although_another_gave_up() -> None:
    tail = Tail(0, 1 << 20)
    tail.add(1, [proposal(workspace("one"), 1).records], 100)
    waits, gives_up = (asyncio.create_task(tail.until_confirmed(1)) for _ in range(2))
    await asyncio.sleep(0)
    gives_up.cancel()
    await asyncio.sleep(0)
    tail.confirm(1)

    await waits
    assert (gives_up.cancelled(), tail.awaiting) == (True, 0)


def test_what_was_taken_back_is_known_until_postgres_has_taken_it_back() -> None:
    one, two = workspace("one"), workspace("two")
    tail = Tail(0, 1 << 20)
    tail.add(1, [proposal(one, 1, 2).records, proposal(two, 1, 2).records], 100)
    tail.redact(one, [1])
    tail.add(2, [proposal(one, 3).records], 100)
    tail.redact(one, [2])
    assert (tail.redacted_of(one), tail.redacted_of(two)) == (frozenset({1, 2}), frozenset())

    tail.confirm(1)
    assert tail.redacted_of(one) == frozenset({2})
    tail.confirm(2)
    assert tail.redacted_of(one) == frozenset()


def test_a_batch_from_the_file_is_given_without_what_was_taken_back() -> None:
    one, two = workspace("one"), workspace("two")
    records = (*proposal(one, 1, 2).records, *proposal(two, 1).records)
    tail = Tail(0, 1)
    tail.add(1, [records[:2], records[2:]], 100)
    assert tail.as_redacted(records) == records
    tail.spill(1)
    tail.redact(one, [2])

    assert tail.as_redacted(records) == (records[0], redacted_record(records[1]), records[2])


def test_of_a_room_that_is_stored_whole_nothing_is_kept() -> None:
    tail = Tail(0, 1 << 20)
    tail.redact(workspace("one"), [1])

    assert tail.redacted_of(workspace("one")) == frozenset()
    assert tail.redactions == 1
