"""The server on a machine whose clock is wrong by as many seconds as a file in its data folder says; that may change at any moment.

Only the wall clock jumps: what the operating system counts since its start goes on as it does, here as everywhere.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from jwt import api_jwt

OFFSET_FILE: Final = "clock-is-wrong-by-s"
LOOK_S: Final = 0.01

_true_ns, _since_start_s = time.time_ns, time.monotonic


class Wrong:
    """How wrong the clock is now; the file is looked at once in a hundredth of a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._looked_s = -LOOK_S
        self._offset_ns = 0

    def offset_ns(self) -> int:
        if _since_start_s() - self._looked_s >= LOOK_S:
            self._looked_s = _since_start_s()
            self._offset_ns = int(self._file.read_text()) * 1_000_000_000 if self._file.exists() else 0
        return self._offset_ns


def wrong_clock(wrong: Wrong) -> tuple[Callable[[], int], Callable[[], float], type[datetime]]:
    """``time_ns``, ``time`` and ``datetime`` by that clock."""

    def time_ns() -> int:
        return _true_ns() + wrong.offset_ns()

    def time_s() -> float:
        return time_ns() / 1e9

    class WrongDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "WrongDatetime":
            return cls.fromtimestamp(time_s(), tz)

    return time_ns, time_s, WrongDatetime


def jump() -> None:
    """This process goes by that clock from here on. Before the server is imported: some of it takes the clock as a default."""
    wrong = Wrong(Path(os.environ["DATA"], OFFSET_FILE))
    time.time_ns, time.time, api_jwt.datetime = wrong_clock(wrong)  # type: ignore[assignment,attr-defined]  # the point of this file


if __name__ in ("__main__", "__mp_main__"):
    jump()
if __name__ == "__main__":
    from server.cli import main

    sys.exit(main())
