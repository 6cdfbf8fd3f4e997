"""Clients are cut, slow, many at once, or no longer allowed in."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.clients.cuts import cuts_drill
from tests.drills.clients.expiry import expiry_drill
from tests.drills.clients.slow_reader import slow_reader_drill
from tests.drills.clients.stopped_readers import stopped_readers_drill
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
        Orders(5_000, plan=LONG._replace(clients=40, rooms=20, rate_per_s=20.0)),
        Orders(200, plan=SHORT),
    ),
    Drill(
        "stopped_readers",
        "a tenth of the readers stops reading",
        stopped_readers_drill,
        Orders(seconds=45.0, plan=LONG._replace(clients=1_000)),
        Orders(seconds=6.0, plan=SHORT._replace(clients=100)),
    ),
    Drill(
        "expiry",
        "tokens run out, are refreshed and narrowed; people suspended, shares revoked",
        expiry_drill,
        Orders(100, seconds=30.0, plan=LONG),
        Orders(8, seconds=6.0, plan=SHORT),
    ),
]

_FEW_CUTS = Orders(40, plan=_CUT, settle_s=2.0)

BROKEN: Sequence[Broken] = [
    Broken(
        "deliver_first",
        "shows events before the journal has them",
        "storm",
        Orders(40, plan=SHORT, settle_s=2.0),
        ("taken_back",),
    ),
    Broken("resume_too_far", "resumes one offset too far", "cuts", _FEW_CUTS, ("hole",)),
    Broken(
        "forget_paused",
        "lets paused members go on without what they missed",
        "stopped_readers",
        Orders(seconds=5.0, plan=SHORT._replace(clients=20), settle_s=2.0),
        ("hole",),
    ),
    Broken("run_again", "forgets which commands it has accepted", "cuts", _FEW_CUTS._replace(n=60), ("ran_twice",)),
    Broken(
        "ignore_expiry",
        "never looks at the end of a token",
        "expiry",
        Orders(2, seconds=4.0, plan=SHORT, settle_s=1.0),
        ("overheard", "not sent away"),
    ),
    Broken("run_again", "forgets which commands it has accepted", "voters", Orders(40), ("a repeat was answered",)),
    Broken(
        "forget_paused",
        "lets paused members go on without what they missed",
        "slow_reader",
        Orders(seconds=6.0, settle_s=15.0),
        ("the slow one is at offset",),
    ),
]
