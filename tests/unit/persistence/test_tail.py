"""The unstored end of the journal: who waits for it, and who has stopped waiting."""

import asyncio

import pytest

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
