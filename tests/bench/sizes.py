"""How much a benchmark does: the full form for a table that means something, the short one to prove that it runs."""

from typing import NamedTuple


class Sizes(NamedTuple):
    members: int = 1_000
    seconds: float = 1.5
    rounds: int = 3
    """Everything is measured so often, in turn with its references; the median counts."""
    connections: int = 64
    idle_connections: int = 1_500
    idle_kinds: int = 4
    latency_per_s: float = 2_000.0
    latency_seconds: float = 5.0
    busy_members: int = 10_000
    starts: int = 3
    axis_seconds: float = 0.6
    axis_rounds: int = 2
    most_members: int = 10_000
    most_rooms: int = 10_000
    storm: int = 5_000
    stored_records: int = 20_000
    stopped_rounds: int = 3
    all_rivals: bool = True
    """Also the references that are built or installed beside Python: not where it only has to be shown that it runs."""


SHORT = Sizes(
    members=60,
    seconds=0.2,
    rounds=1,
    connections=8,
    idle_connections=60,
    idle_kinds=1,
    latency_per_s=200.0,
    latency_seconds=0.5,
    busy_members=50,
    starts=1,
    axis_seconds=0.1,
    axis_rounds=1,
    most_members=100,
    most_rooms=100,
    storm=60,
    stored_records=1_280,
    stopped_rounds=1,
    all_rivals=False,
)
