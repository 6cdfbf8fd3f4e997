"""All drills and all broken servers, in the order of the report."""

from collections.abc import Sequence

from tests.drills import clients, database, disk, process
from tests.drills.catalog import Broken, Drill

GROUPS = (process, disk, database, clients)

DRILLS: Sequence[Drill] = [drill for group in GROUPS for drill in group.DRILLS]
BROKEN: Sequence[Broken] = [broken for group in GROUPS for broken in group.BROKEN]


def drill_named(name: str) -> Drill:
    return next(drill for drill in DRILLS if drill.name == name)
