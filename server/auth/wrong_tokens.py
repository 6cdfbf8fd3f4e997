"""Guessing tokens: whoever is wrong too often in a minute has to wait, by the address they come from."""

import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

import structlog
from anyio import CapacityLimiter

from server.addresses import network_of

log = structlog.get_logger(__name__)

WINDOW_S: Final = 60.0
ADDRESSES_MOST: Final = 10_000
"""Addresses remembered, about a megabyte. Beyond it the one that was wrong longest ago is forgotten: a flood of addresses guesses
no faster for it than those addresses may."""


class WrongTokens:
    def __init__(self, most_a_minute: int, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._most = most_a_minute
        self._monotonic_s = monotonic_s
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._looking: WeakValueDictionary[str, CapacityLimiter] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    @asynccontextmanager
    async def looking(self, address: str) -> AsyncIterator[None]:
        """As many tokens of an address are looked at beside each other as may still be wrong, and the others wait: else a thousand
        at once would all come before the count, and an office behind one address would go one by one."""
        network = network_of(address)
        under_way = self._looking.setdefault(network, CapacityLimiter(self._most))
        under_way.total_tokens = self._left(network)
        async with under_way:
            yield

    def wait_s(self, address: str) -> int:
        """Whole seconds until this address may try again; 0 where it may now."""
        count, left_s = self._count(network_of(address))
        return math.ceil(left_s) if count >= self._most else 0

    def was_wrong(self, address: str) -> None:
        """One more wrong token; the log says from where, never what."""
        now_s, network = self._monotonic_s(), network_of(address)
        since_s, count = self._known.pop(network, (now_s, 0))
        if now_s - since_s >= WINDOW_S:
            since_s, count = now_s, 0
        self._known[network] = (since_s, count + 1)
        if under_way := self._looking.get(network):
            under_way.total_tokens = self._left(network)
        if len(self._known) > ADDRESSES_MOST:
            self._known.popitem(last=False)
        log.warning("wrong share token", address=address, count=count + 1)

    def _count(self, network: str) -> tuple[int, float]:
        """Wrong ones in this window, and the seconds that are left of it."""
        since_s, count = self._known.get(network, (-math.inf, 0))
        left_s = since_s + WINDOW_S - self._monotonic_s()
        return (count, left_s) if left_s > 0 else (0, 0.0)

    def _left(self, network: str) -> int:
        """How many may still be wrong. At least one is let through, to be told how long to wait."""
        return max(1, self._most - self._count(network)[0])
