"""Clients are cut, slow, many at once, or no longer allowed in."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.clients.slow_reader import slow_reader_drill
from tests.drills.clients.voters import voters_drill

DRILLS: Sequence[Drill] = [
    Drill("voters", "voters on one option, cut and repeating", voters_drill, Orders(500, plan=LONG), Orders(120, plan=SHORT)),
    Drill(
        "slow_reader",
        "one reader at 20 kB/s beside a fast one",
        slow_reader_drill,
        Orders(seconds=30.0, plan=LONG),
        Orders(seconds=6.0, plan=SHORT),
    ),
]

BROKEN: Sequence[Broken] = []
