"""One timer for many connections: pings, tokens' ends, connect timeouts, slow subscribes.

A connection stands in at most one slot, that of the earliest thing it waits for; when its slot comes it looks itself what is due.
So a timer costs a set entry, and moving one costs nothing until it fires.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

logger = logging.getLogger(__name__)

SLOT_S: Final = 0.25
"""Width of a slot: nothing here is more exact than a quarter of a second."""
SLICE: Final = 200
"""Connections looked at in one loop turn: a millisecond or two; the rest follows in the next turns."""
NO_SLOT: Final = -1


class Timed(Protocol):
    slot: int
    """Where it stands in the wheel; the wheel's own."""

    def on_time(self, now_s: float) -> None:
        """What was waited for may be due. Puts itself into the wheel again."""
        ...


class Wheel:
    """Made by ``open_wheel``. Belongs to one event loop; times are those of its clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Timed]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = NO_SLOT

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def put(self, item: Timed, at_s: float) -> None:
        """Have ``on_time`` called at ``at_s``, at most one slot later; what it had before is forgotten."""
        self.forget(item)
        slot = int(at_s / SLOT_S) + 1
        item.slot = slot
        self._slots.setdefault(slot, set()).add(item)
        if self._next == NO_SLOT or slot < self._next:
            self._arm(slot)

    def put_before(self, item: Timed, at_s: float) -> None:
        """The same, where it is earlier than what it has: later is looked at when the earlier one fires."""
        if item.slot == NO_SLOT or int(at_s / SLOT_S) + 1 < item.slot:
            self.put(item, at_s)

    def forget(self, item: Timed) -> None:
        if item.slot == NO_SLOT:
            return
        standing = self._slots.get(item.slot)
        if standing is not None:
            standing.discard(item)
            if not standing:
                del self._slots[item.slot]
        item.slot = NO_SLOT

    def _arm(self, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = slot
        self._timer = self._loop.call_at(slot * SLOT_S, self._turn)

    def _turn(self) -> None:
        """What is due now, at most ``SLICE`` of them."""
        now_s = self._loop.time()
        self._timer = None
        self._next = NO_SLOT
        left = SLICE
        for slot in sorted(slot for slot in self._slots if slot * SLOT_S <= now_s):
            standing = self._slots[slot]
            while standing and left:
                left -= 1
                self._fire(standing.pop(), now_s)
            if standing:
                self._arm(slot)
                return
            self._slots.pop(slot, None)
        if self._slots:
            self._arm(min(self._slots))

    def _fire(self, item: Timed, now_s: float) -> None:
        item.slot = NO_SLOT
        try:
            item.on_time(now_s)
        except Exception:
            # one connection's mistake must not stop everyone's clock
            logger.exception("a connection failed on its timer")

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._slots.clear()


@contextmanager
def open_wheel() -> Iterator[Wheel]:
    """The wheel of the running loop; nothing fires any more when the block ends."""
    wheel = Wheel(asyncio.get_running_loop())
    try:
        yield wheel
    finally:
        wheel.close()
