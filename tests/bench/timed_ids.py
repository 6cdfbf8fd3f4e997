"""Command ids as clients make them: dated, since a busy room remembers only the newest thousands."""

import itertools
import os
import time

_STARTS = itertools.count(int.from_bytes(os.urandom(5), "big"), 1 << 24)
"""Two sources in two processes do not meet: each has sixteen million numbers behind a start of its own."""


class TimedIds:
    """Call ``tell_time`` once per turn; the ids of a turn share their date."""

    def __init__(self) -> None:
        self._numbers = itertools.count(next(_STARTS))
        self._prefix = ""
        self.tell_time()

    def tell_time(self) -> None:
        date = f"{time.time_ns() // 1_000_000:012x}"
        self._prefix = f"{date[:8]}-{date[8:]}-7000-8000-"

    def next(self) -> str:
        return f"{self._prefix}{next(self._numbers) & 0xFFFF_FFFF_FFFF:012x}"
