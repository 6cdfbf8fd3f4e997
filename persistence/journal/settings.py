"""What the journal may use, with units and reasons."""

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

CommitWay: TypeAlias = Literal["loop", "thread", "process"]

MIB = 1024 * 1024


class JournalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``folder`` holds the segments, the ledger and the ballast; one running server owns it (``folder/lock``)."""

    folder: Path
    commit: CommitWay = "loop"
    """Where the fsync waits. The figures of tests/bench/journal_commit.py stand in ARCHITECTURE.md."""
    segment_bytes: int = 64 * MIB
    """A segment is the unit of trimming; below this a rotation would come several times a minute at 10,000 commands/s."""
    memory_bytes: int = 128 * MIB
    """Unstored records stay in memory up to here (at least one segment), so that write-behind and joins need no file."""
    budget_bytes: int = 4096 * MIB
    """All segments together: from 80 % producers are slowed, at 100 % refused. Two hours of Postgres away at 1,000 commands/s."""
    ballast_bytes: int = 8 * MIB
    """Given back to a full disk first, so that what is under way still finds room."""
    keep_s: float = 300.0
    keep_bytes: int = 64 * MIB
    """Confirmed records stay for ``keep_s`` or ``keep_bytes``, whichever ends first: a restored database can catch up from them."""
    lock_wait_s: float = 10.0
    """How long a start waits for the predecessor's last commit (kill -9 leaves a child process to finish it)."""
    switch_interval_s: float = 20e-6
    """Only for ``commit="thread"``: at the default of 5 ms a busy loop gives the writer the interpreter less than once a second."""
