"""When and how much is written to Postgres at once, with units and reasons."""

from typing import Literal

import msgspec


class WriteBehindSettings(msgspec.Struct, frozen=True, kw_only=True):
    batch_records: int = 2_000
    """Above this a transaction gains no speed any more, and its loss on a cut costs more."""
    batch_bytes: int = 4 * 1024 * 1024
    """Of bodies, for the longest messages (80 KB): 4 MB are stored within a second, of the five that a statement has, and the
    process that stores grows by 50 MB. 2,000 ordinary records are a quarter of it. A commit is never divided, and is hardly
    larger (the hub has ``batch_bytes`` too)."""
    batch_age_s: float = 0.05
    """A record waits this long for company: what "stored" costs at least."""
    tick_interval_s: float = 1.0
    """A passing value is written at most once in this time and key."""
    where: Literal["process", "loop"] = "process"
    """Where records become rows: in a process of its own, or on the server's loop, which saves 60 MB and slows answers there."""
    silent_s: float = 15.0
    """A process that stores and gives no sign of life for this long hangs, and is killed and started anew; it gives one every
    second, also while it waits for Postgres. Three times what its start takes on a busy machine."""
    slice_records: int = 32
    """On the loop: how many records are projected between two of its turns, under a millisecond."""
    retry_first_s: float = 0.1
    retry_most_s: float = 10.0
    """Full jitter between 0 and a bound that doubles from the first to the most, for ever: Postgres comes back some day."""
    drain_s: float = 5.0
    """How long closing waits for the rest to be stored; what is left stays in the journal for the next start."""
