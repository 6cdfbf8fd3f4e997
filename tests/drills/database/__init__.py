"""Postgres is away, killed, stuck or cut off."""

from collections.abc import Sequence

from tests.drills.catalog import LONG, SHORT, Broken, Drill, Orders
from tests.drills.database.cut_at_commit import cut_at_commit_drill
from tests.drills.database.postgres_away import postgres_away_drill
from tests.drills.database.postgres_killed import postgres_killed_drill

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
        "cut_at_commit",
        "the line to Postgres cut while COMMIT is on it",
        cut_at_commit_drill,
        Orders(n=100, plan=LONG),
        Orders(n=9, plan=SHORT),
    ),
]

BROKEN: Sequence[Broken] = []
