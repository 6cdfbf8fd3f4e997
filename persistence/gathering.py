"""Callers that ask at the same time share a query: while some are on their way, the others gather for the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _AskAgain(Exception):
    """Whoever had begun to read has gone away: somebody else has to."""


class Gathering(Generic[K, V]):
    """``read`` answers for many keys at once, and gives the exception of a key that cannot be read; ``most`` keys at a time, and
    ``at_once`` reads beside each other. What is found was read after it was asked for. One event loop."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V | Exception]]], most: int, at_once: int) -> None:
        self._read = read
        self._most = most
        self._slots = asyncio.Semaphore(at_once)
        self._asked: dict[K, asyncio.Future[V | Exception]] = {}
        """What nobody has begun to read yet."""

    async def get(self, key: K) -> V:
        """Raises the key's exception, or what the whole read has raised."""
        while True:
            asked = self._asked.get(key)
            if asked is None:
                asked = self._asked[key] = asyncio.get_running_loop().create_future()
            # one turn, so that those who ask in the same one are read together
            await asyncio.sleep(0)
            async with self._slots:
                if self._asked.get(key) is asked:
                    await self._read_group(key)
            if not asked.done():
                await asyncio.wait((asked,))
            found = asked.result()
            if isinstance(found, _AskAgain):
                continue
            if isinstance(found, Exception):
                raise found
            return found

    async def _read_group(self, first: K) -> None:
        """``first`` and those who wait longest. Where the read fails as a whole, it fails for all of them."""
        others = [key for key in self._asked if key != first][: self._most - 1]
        group = {key: self._asked.pop(key) for key in (first, *others)}
        found: Mapping[K, V | Exception] = dict.fromkeys(group, _AskAgain())
        try:
            found = await self._read(list(group))
        except Exception as error:
            found = dict.fromkeys(group, error)
        finally:
            for key, asked in group.items():
                asked.set_result(found[key])
