"""Counting somebody once: who has looked at something counts again only after a while."""

from collections import OrderedDict
from typing import Final

LOOK_AGAIN_MS: Final = 30 * 60 * 1000
"""Who looks again within half an hour is still looking."""
REMEMBERED_MAX: Final = 100_000
"""About 20 MB. Beyond it the oldest are forgotten, and may be counted once more."""


class SeenOnce:
    """Remembers keys in memory, for ``interval_ms`` each."""

    def __init__(self, interval_ms: int, most: int = REMEMBERED_MAX) -> None:
        self._interval_ms = interval_ms
        self._most = most
        self._seen: OrderedDict[tuple[str, ...], int] = OrderedDict()

    def is_new(self, now_ms: int, *key: str) -> bool:
        """Whether ``key`` counts now; then it does not for the next while."""
        last = self._seen.get(key)
        if last is not None and now_ms - last < self._interval_ms:
            return False
        self._seen[key] = now_ms
        self._seen.move_to_end(key)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True

    def forget(self, *key: str) -> None:
        """What did not count after all."""
        self._seen.pop(key, None)

    def __len__(self) -> int:
        return len(self._seen)
