"""The disk fails, lies, is full, or forgets what was not synced."""

from collections.abc import Sequence

from tests.drills.catalog import Broken, Drill

DRILLS: Sequence[Drill] = []

BROKEN: Sequence[Broken] = []
