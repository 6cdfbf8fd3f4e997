"""Guessing tokens: whoever is wrong too often in a minute has to wait, by the address they come from."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

import structlog

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
        self._looking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    @asynccontextmanager
    async def one_at_a_time(self, address: str) -> AsyncIterator[None]:
        """While one token of an address is looked at, its others wait: else a thousand at once would all come before the count."""
        async with self._looking.setdefault(network_of(address), asyncio.Lock()):
            yield

    def wait_s(self, address: str) -> int:
        """Whole seconds until this address may try again; 0 where it may now."""
        since_s, count = self._known.get(network_of(address), (0.0, 0))
        left_s = since_s + WINDOW_S - self._monotonic_s()
        return math.ceil(left_s) if count >= self._most and left_s > 0 else 0

    def was_wrong(self, address: str) -> None:
        """One more wrong token; the log says from where, never what."""
        now_s, network = self._monotonic_s(), network_of(address)
        since_s, count = self._known.pop(network, (now_s, 0))
        if now_s - since_s >= WINDOW_S:
            since_s, count = now_s, 0
        self._known[network] = (since_s, count + 1)
        if len(self._known) > ADDRESSES_MOST:
            self._known.popitem(last=False)
        log.warning("wrong share token", address=address, count=count + 1)
