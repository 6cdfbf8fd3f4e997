"""The server's process is ended, asked or not, and started again."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.process.clock_jumps import JUMPING, clock_jumps_drill
from tests.drills.process.kill import kill_drill
from tests.drills.process.reactions import reactions_drill
from tests.drills.process.sigterm import sigterm_drill
from tests.drills.process.sigterm_twice import sigterm_twice_drill

_DEALS = SHORT._replace(clients=8, rooms=4, rate_per_s=100.0)

DRILLS: Sequence[Drill] = [
    Drill("kill", "kill -9 at random moments, under load", kill_drill, Orders(300, plan=LONG), Orders(3, plan=SHORT)),
    Drill("sigterm", "SIGTERM under load, and a new start", sigterm_drill, Orders(3, plan=LONG), Orders(1, plan=SHORT)),
    Drill(
        "sigterm_twice",
        "SIGTERM and SIGTERM again, under load",
        sigterm_twice_drill,
        Orders(12, plan=LONG),
        Orders(1, plan=SHORT),
    ),
    Drill(
        "clock_jumps",
        "the clock jumps by hours, both ways, under load",
        clock_jumps_drill,
        Orders(12, 10.0, LONG, JUMPING),
        Orders(3, 0.8, SHORT, JUMPING),
    ),
    Drill("reactions", "kill -9 while rooms act on each other", reactions_drill, Orders(30, plan=LONG), Orders(2, plan=_DEALS)),
]

BROKEN: Sequence[Broken] = [
    Broken(
        "acknowledge_first", "acknowledges before it appends", "kill", Orders(2, plan=SHORT, settle_s=5.0), ("lost", "taken_back")
    ),
    Broken(
        "deliver_twice",
        "does not know what it has delivered between rooms",
        "reactions",
        Orders(2, plan=_DEALS),
        ("was told 2 times",),
    ),
    Broken(
        "acknowledge_first",
        "acknowledges before it appends",
        "sigterm",
        Orders(1, plan=SHORT, settle_s=5.0),
        ("lost", "taken_back"),
    ),
    Broken(
        "acknowledge_first",
        "acknowledges before it appends",
        "sigterm_twice",
        Orders(1, plan=SHORT, settle_s=5.0),
        ("lost", "taken_back"),
    ),
    Broken(
        "follow_clock",
        "dates what happens by its clock alone",
        "clock_jumps",
        Orders(3, 0.8, SHORT),
        ("times fall in",),
    ),
]
