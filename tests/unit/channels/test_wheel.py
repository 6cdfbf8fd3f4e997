"""One timer for many, with a clock that is moved by hand."""

import heapq
import itertools
from collections.abc import Callable
from typing import Any, cast

import pytest

from channels.wheel import NO_SLOT, SLICE, SLOT_S, Wheel


class HandClock:
    """As much of an event loop as a wheel needs; time moves when told."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.turns: list[int] = []
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._cancelled: set[int] = set()
        self._numbers = itertools.count()

    def time(self) -> float:
        return self.now_s

    def call_at(self, at_s: float, callback: Callable[[], object]) -> "Handle":
        number = next(self._numbers)
        heapq.heappush(self._heap, (at_s, number, callback))
        return Handle(self, number)

    def forward(self, seconds: float) -> None:
        end = self.now_s + seconds
        while self._heap and self._heap[0][0] <= end:
            at_s, number, callback = heapq.heappop(self._heap)
            self.now_s = max(self.now_s, at_s)
            if number not in self._cancelled:
                callback()
        self.now_s = end


class Handle:
    def __init__(self, clock: HandClock, number: int) -> None:
        self._clock = clock
        self._number = number

    def cancel(self) -> None:
        self._clock._cancelled.add(self._number)


class Item:
    def __init__(self, wheel: Wheel, again_s: float | None = None) -> None:
        self.slot = NO_SLOT
        self.times: list[float] = []
        self._wheel = wheel
        self._again_s = again_s

    def on_time(self, now_s: float) -> None:
        self.times.append(now_s)
        if self._again_s is not None:
            self._wheel.put(self, now_s + self._again_s)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def wheel(clock: HandClock) -> Wheel:
    return Wheel(cast("Any", clock))


def test_it_fires_at_its_time_and_at_most_a_slot_later(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.put(item, 110.1)

    clock.forward(10.0)
    assert item.times == []
    clock.forward(1.0)

    [fired] = item.times
    assert 110.1 <= fired <= 110.1 + SLOT_S
    assert len(wheel) == 0


def test_the_earliest_is_fired_first_whatever_the_order_of_putting(clock: HandClock, wheel: Wheel) -> None:
    late, early = Item(wheel), Item(wheel)
    wheel.put(late, 120.0)
    wheel.put(early, 105.0)

    clock.forward(6.0)

    assert (len(early.times), len(late.times)) == (1, 0)
    clock.forward(15.0)
    assert len(late.times) == 1


def test_putting_again_moves_it(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.put(item, 105.0)
    wheel.put(item, 150.0)

    clock.forward(20.0)
    assert item.times == []
    clock.forward(31.0)
    assert len(item.times) == 1


def test_putting_before_only_moves_it_nearer(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.put_before(item, 110.0)
    wheel.put_before(item, 150.0)
    clock.forward(11.0)
    assert len(item.times) == 1

    wheel.put_before(item, 150.0)
    wheel.put_before(item, 120.0)
    clock.forward(10.0)
    assert len(item.times) == 2


def test_what_is_forgotten_does_not_fire(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.put(item, 105.0)
    wheel.forget(item)
    wheel.forget(item)

    clock.forward(20.0)

    assert item.times == []
    assert len(wheel) == 0


def test_it_may_put_itself_in_again(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel, again_s=25.0)
    wheel.put(item, 110.0)

    clock.forward(100.0)

    assert len(item.times) == 4


def test_many_at_once_are_looked_at_in_slices(clock: HandClock, wheel: Wheel) -> None:
    items = [Item(wheel) for _ in range(3 * SLICE)]
    for item in items:
        wheel.put(item, 110.0)
    turns: list[int] = []
    fire = wheel._turn

    def counted() -> None:
        before = sum(len(item.times) for item in items)
        fire()
        turns.append(sum(len(item.times) for item in items) - before)

    wheel._turn = counted  # type: ignore[method-assign] # to see the slices
    wheel._arm(wheel._next)
    clock.forward(11.0)

    assert turns[:3] == [SLICE] * 3
    assert all(len(item.times) == 1 for item in items)


def test_one_that_fails_does_not_stop_the_others(clock: HandClock, wheel: Wheel, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Item):
        def on_time(self, now_s: float) -> None:
            raise RuntimeError("a mistake")

    failing, item = Failing(wheel), Item(wheel)
    wheel.put(failing, 110.0)
    wheel.put(item, 110.0)

    clock.forward(11.0)

    assert len(item.times) == 1
    assert "failed on its timer" in caplog.text


def test_after_closing_nothing_fires(clock: HandClock, wheel: Wheel) -> None:
    item = Item(wheel)
    wheel.put(item, 110.0)
    wheel.close()

    clock.forward(50.0)

    assert item.times == []
