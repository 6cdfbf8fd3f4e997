"""The disk fails, lies, is full, or forgets what was not synced."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.disk import full_disk
from tests.drills.disk.disk_errors import disk_errors_drill
from tests.drills.disk.full_disk import full_disk_drill
from tests.drills.disk.kill_at_call import kill_at_call_drill
from tests.drills.disk.kill_in_recovery import kill_in_recovery_drill
from tests.drills.disk.power_loss import power_loss_drill
from tests.drills.disk.strace import lacking
from tests.drills.disk.torn_and_flipped import torn_and_flipped_drill

_ONCE = Orders(1, plan=SHORT, settle_s=3.0)

DRILLS: Sequence[Drill] = [
    Drill(
        "power_loss",
        "power cuts: what was not synced is gone",
        power_loss_drill,
        Orders(25, plan=LONG),
        Orders(1, plan=SHORT),
        lacking,
    ),
    Drill(
        "kill_at_call",
        "kill -9 at the N-th write, sync or answer",
        kill_at_call_drill,
        Orders(500, plan=LONG),
        Orders(3, plan=SHORT),
        lacking,
    ),
    Drill(
        "kill_in_recovery",
        "kill -9 in five starts in a row",
        kill_in_recovery_drill,
        Orders(20, plan=LONG),
        Orders(1, plan=SHORT),
        lacking,
    ),
    Drill(
        "disk_errors",
        "EIO on the journal's sync or write",
        disk_errors_drill,
        Orders(30, plan=LONG),
        Orders(2, plan=SHORT),
        lacking,
    ),
    Drill(
        "full_disk",
        "the journal's disk is full for a while",
        full_disk_drill,
        Orders(5, seconds=10.0, plan=LONG),
        Orders(1, seconds=2.0, plan=SHORT),
        full_disk.lacking,
    ),
    Drill(
        "torn_and_flipped",
        "the journal is torn at every byte, bits are turned",
        torn_and_flipped_drill,
        Orders(1_000, plan=LONG),
        Orders(60, plan=SHORT),
        lacking,
    ),
]

BROKEN: Sequence[Broken] = [
    # What a cut leaves of it is chance: a journal without its end, or one that is refused.
    Broken("fsync_off", "writes its journal and never syncs it", "power_loss", _ONCE, ("a cut at call",)),
    Broken("acknowledge_unsynced", "goes on behind an error of its disk", "disk_errors", _ONCE, ("it goes on behind EIO",)),
    Broken(
        "overlook_damage",
        "ends its journal where it is damaged",
        "torn_and_flipped",
        _ONCE,
        ("started on a damaged journal", "lost"),
    ),
    Broken("acknowledge_first", "acknowledges before it appends", "kill_at_call", _ONCE, ("lost", "taken_back")),
    Broken(
        "unlink_ledger",
        "removes its ledger before it writes the next one",
        "kill_in_recovery",
        _ONCE._replace(n=2),
        ("is missing beside",),
    ),
    Broken(
        "acknowledge_unsynced",
        "acknowledges what a full disk did not take",
        "full_disk",
        _ONCE._replace(seconds=1.0),
        ("nothing was refused with 100",),
    ),
]
