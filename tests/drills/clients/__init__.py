"""Clients are cut, slow, many at once, or no longer allowed in."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.clients.cuts import cuts_drill
from tests.drills.clients.slow_reader import slow_reader_drill
from tests.drills.clients.storm import storm_drill
from tests.drills.clients.voters import voters_drill

_CUT = SHORT._replace(clients=24, rate_per_s=150.0)

DRILLS: Sequence[Drill] = [
    Drill("voters", "voters on one option, cut and repeating", voters_drill, Orders(500, plan=LONG), Orders(120, plan=SHORT)),
    Drill(
        "slow_reader",
        "one reader at 20 kB/s beside a fast one",
        slow_reader_drill,
        Orders(seconds=30.0, plan=LONG),
        Orders(seconds=6.0, plan=SHORT),
    ),
    Drill(
        "cuts",
        "clients reset, hung up on, left half-open and cut in mid-frame",
        cuts_drill,
        Orders(10_000, plan=LONG._replace(clients=60, rate_per_s=300.0)),
        Orders(200, plan=_CUT),
    ),
    Drill(
        "storm",
        "kill -9, and everybody comes back in the same instant",
        storm_drill,
        Orders(5_000, plan=LONG._replace(clients=40, rooms=20, rate_per_s=200.0)),
        Orders(200, plan=SHORT),
    ),
]

BROKEN: Sequence[Broken] = []
