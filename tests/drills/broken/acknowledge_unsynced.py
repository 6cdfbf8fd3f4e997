"""The server that takes an error of its disk for success, and acknowledges. Only the drills start it."""

import contextlib
import sqlite3
import sys
from collections.abc import Callable

from persistence.journal.committer import Writing
from server.cli import main


def anyhow(self: Writing, step: Callable[[], None]) -> None:
    with contextlib.suppress(sqlite3.OperationalError):
        step()


if __name__ == "__main__":
    Writing._try = anyhow  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
