"""The disk fails, lies, is full, or forgets what was not synced."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.disk.power_loss import power_loss_drill
from tests.drills.disk.strace import lacking

DRILLS: Sequence[Drill] = [
    Drill(
        "power_loss",
        "power cuts: what was not synced is gone",
        power_loss_drill,
        Orders(25, plan=LONG),
        Orders(1, plan=SHORT),
        lacking,
    ),
]

BROKEN: Sequence[Broken] = [
    Broken(
        "fsync_off",
        "writes its journal and never syncs it",
        "power_loss",
        Orders(1, plan=SHORT, settle_s=3.0),
        ("was seen and is lost",),
    ),
]
