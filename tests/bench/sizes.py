"""How much a benchmark does: the full form for a table that means something, the short one to prove that it runs."""

from typing import NamedTuple


class Sizes(NamedTuple):
    members: int = 1_000
    seconds: float = 4.0
    connections: int = 64
    idle_connections: int = 2_000
    latency_per_s: float = 2_000.0
    busy_members: int = 1_000
    busy_per_s: float = 100.0
    starts: int = 3
    rounds: int = 3
    """Fan-out is measured so often, in turn with its references; the best of each counts, since only noise makes it slower."""


SHORT = Sizes(
    members=100,
    seconds=0.4,
    connections=8,
    idle_connections=100,
    latency_per_s=300.0,
    busy_members=50,
    busy_per_s=20.0,
    starts=1,
    rounds=1,
)
