"""The drills in their short forms, and the broken servers that they find out; ``make drill`` runs the long ones."""

import pytest

from tests.drills.bites import found_out, unseen
from tests.drills.catalog import Broken, Drill
from tests.drills.everything import BROKEN, DRILLS, drill_named


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
async def test_a_drill_finds_no_anomaly(drill: Drill) -> None:
    if reason := drill.lacking():
        pytest.skip(reason)

    report = await drill.run(drill.short)

    assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.name}-on-{broken.drill}")
async def test_a_broken_server_is_found_out(broken: Broken) -> None:
    if reason := drill_named(broken.drill).lacking():
        pytest.skip(reason)

    report = await found_out(broken)

    assert not unseen(broken, report), f"{unseen(broken, report)} missing in {report}"
