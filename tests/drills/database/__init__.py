"""Postgres is away, killed, stuck or cut off."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.database.cut_at_commit import cut_at_commit_drill
from tests.drills.database.poison import POISONED, poison_drill
from tests.drills.database.postgres_away import postgres_away_drill
from tests.drills.database.postgres_killed import postgres_killed_drill
from tests.drills.database.postgres_stalled import postgres_stalled_drill

_BROKEN = SHORT._replace(clients=6, rate_per_s=400.0)

DRILLS: Sequence[Drill] = [
    Drill(
        "postgres_away",
        "Postgres stopped under load",
        postgres_away_drill,
        Orders(seconds=120.0, plan=LONG),
        Orders(seconds=4.0, plan=SHORT),
    ),
    Drill(
        "postgres_killed",
        "kill -9 of Postgres, again and again, under load",
        postgres_killed_drill,
        Orders(n=6, seconds=20.0, plan=LONG),
        Orders(n=2, seconds=1.0, plan=SHORT),
    ),
    Drill(
        "postgres_stalled",
        "Postgres stands still, by SIGSTOP and by locks in turns",
        postgres_stalled_drill,
        Orders(n=8, seconds=10.0, plan=LONG),
        Orders(n=2, seconds=1.0, plan=SHORT),
    ),
    Drill(
        "cut_at_commit",
        "the line to Postgres cut while COMMIT is on it",
        cut_at_commit_drill,
        Orders(n=100, plan=LONG),
        Orders(n=9, plan=SHORT),
    ),
    Drill(
        "poison",
        "a record whose rows Postgres refuses, and the repair",
        poison_drill,
        Orders(seconds=20.0, plan=LONG, command=POISONED),
        Orders(seconds=0.5, plan=SHORT, command=POISONED),
    ),
]

BROKEN: Sequence[Broken] = [
    Broken(
        "apply_again",
        "applies a batch again whose COMMIT got lost",
        "cut_at_commit",
        Orders(n=2, plan=_BROKEN, settle_s=3.0),
        ("duplicate key",),
    ),
    Broken(
        "drop_batch",
        "lets a batch go when the connection ends under it",
        "cut_at_commit",
        Orders(n=1, plan=_BROKEN, settle_s=3.0),
        ("lost", "does not follow"),
    ),
    Broken(
        "store_behind_hole",
        "loses a batch, and stores behind the hole",
        "cut_at_commit",
        Orders(n=1, plan=_BROKEN, settle_s=3.0),
        ("lost", "hole"),
    ),
    Broken(
        "trim_early",
        "forgets records before Postgres has confirmed them",
        "postgres_stalled",
        Orders(n=2, seconds=1.0, plan=_BROKEN, settle_s=3.0),
        ("counts as confirmed",),
    ),
    Broken(
        "forget_poisoned",
        "forgets the log of a room whose rows stand still",
        "poison",
        Orders(seconds=0.5, plan=_BROKEN, settle_s=5.0),
        ("lost",),
    ),
    Broken(
        "drop_batch",
        "lets a batch go when the connection ends under it",
        "postgres_away",
        Orders(seconds=1.0, plan=_BROKEN, settle_s=3.0),
        ("lost",),
    ),
    Broken(
        "drop_batch",
        "lets a batch go when the connection ends under it",
        "postgres_killed",
        Orders(n=2, seconds=1.0, plan=_BROKEN, settle_s=3.0),
        ("lost",),
    ),
]
