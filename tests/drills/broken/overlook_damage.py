"""The server that takes what it finds in its journal for what was written. Only the drills start it."""

import sys

from persistence.journal.segment import SegmentReader
from server.cli import main


def believe(self: SegmentReader) -> None:
    """Where SQLite stops reading, there the journal ends."""
    self.is_sealed = bool(self._connection.execute("SELECT 1 FROM marks WHERE name = 'sealed'").fetchone())


if __name__ == "__main__":
    SegmentReader.verify_ending = believe  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
