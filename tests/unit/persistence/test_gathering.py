"""Callers that ask at the same time share a read, and nobody gets what was read before they asked."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.gathering import Gathering


class Shelf:
    """Answers with how often it was read; a read goes on when it is let go."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.gate = asyncio.Event()
        self.failure: Exception | None = None

    async def read(self, keys: Sequence[str]) -> Mapping[str, int | Exception]:
        number = len(self.reads) + 1
        self.reads.append(list(keys))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return {key: KeyError(key) if key.startswith("broken") else number for key in keys}


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def gathering(shelf: Shelf, most: int = 10, at_once: int = 1) -> Gathering[str, int]:
    return Gathering(shelf.read, most, at_once)


async def test_those_who_ask_while_one_is_under_way_are_read_together_afterwards() -> None:
    shelf = Shelf()
    asking = gathering(shelf)
    first = asyncio.create_task(asking.get("a"))
    await turns()
    others = [asyncio.create_task(asking.get(key)) for key in ("b", "a", "c", "b")]
    await turns()
    shelf.gate.set()

    assert await first == 1
    assert await asyncio.gather(*others) == [2, 2, 2, 2]
    assert shelf.reads == [["a"], ["b", "a", "c"]]


async def test_a_group_has_a_bound_and_nobody_is_forgotten() -> None:
    shelf = Shelf()
    shelf.gate.set()
    asking = gathering(shelf, most=3)

    await asyncio.gather(*(asking.get(f"{number}") for number in range(10)))

    assert [len(read) for read in shelf.reads] == [3, 3, 3, 1]


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3), st.booleans()), max_size=40),
    st.integers(1, 4),
    st.integers(1, 3),
)
async def test_whoever_stays_gets_something_read_after_they_asked(
    asks: list[tuple[str, int, bool]], most: int, at_once: int
) -> None:
    shelf = Shelf()
    shelf.gate.set()
    asking = gathering(shelf, most, at_once)
    staying: list[tuple[asyncio.Task[int], int]] = []
    leaving: list[asyncio.Task[int]] = []
    for key, pause, leaves in asks:
        task = asyncio.create_task(asking.get(key))
        if leaves:
            leaving.append(task)
        else:
            staying.append((task, len(shelf.reads)))
        for _ in range(pause):
            await asyncio.sleep(0)
        if leaving and pause:
            leaving.pop().cancel()

    async with asyncio.timeout(5):
        for task, before in staying:
            assert await task > before
        await asyncio.gather(*leaving, return_exceptions=True)
    assert all(len(read) <= most and len(set(read)) == len(read) for read in shelf.reads)


async def test_one_that_cannot_be_read_fails_alone() -> None:
    shelf = Shelf()
    shelf.gate.set()
    asking = gathering(shelf)

    found = await asyncio.gather(asking.get("a"), asking.get("broken"), asking.get("b"), return_exceptions=True)

    assert [type(each) for each in found] == [int, KeyError, int]


async def test_a_read_that_fails_fails_for_all_of_the_group_and_the_next_one_starts_anew() -> None:
    shelf = Shelf()
    shelf.gate.set()
    shelf.failure = OSError("away")
    asking = gathering(shelf)

    found = await asyncio.gather(asking.get("a"), asking.get("b"), return_exceptions=True)
    assert [type(each) for each in found] == [OSError, OSError]

    shelf.failure = None
    assert await asking.get("a") == 2


async def test_what_is_being_read_is_not_read_again_beside_it() -> None:
    shelf = Shelf()
    asking = gathering(shelf, at_once=2)
    first = asyncio.create_task(asking.get("a"))
    same = asyncio.create_task(asking.get("a"))
    await turns()
    later = asyncio.create_task(asking.get("a"))
    await turns()
    shelf.gate.set()

    assert await asyncio.gather(first, same, later) == [1, 1, 2]


async def test_when_the_one_who_reads_goes_away_the_others_are_read_all_the_same() -> None:
    shelf = Shelf()
    asking = gathering(shelf)
    reader, waiting, same = (asyncio.create_task(asking.get(key)) for key in ("a", "b", "a"))
    await turns()
    assert shelf.reads == [["a", "b"]]

    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    shelf.gate.set()

    assert await waiting == 2
    assert await same == 2
