"""The drills in their short forms, and some of the broken servers that they find out; ``make drill`` has the long forms and all."""

import pytest

from tests.drills.bites import found_out, unseen
from tests.drills.catalog import Broken, Drill, Orders, carried_out
from tests.drills.everything import BROKEN, DRILLS, drill_named
from tests.drills.load import Unsettled
from tests.drills.records import bite_name
from tests.drills.report import Report

BITTEN = (
    "acknowledge_first on kill",
    "deliver_twice on reactions",
    "fsync_off on power_loss",
    "apply_again on cut_at_commit",
    "run_again on cuts",
)
"""One broken promise of each sort; the others cost minutes that change nothing and are for ``make drill ARGS=bites``."""


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
async def test_a_drill_finds_no_anomaly(drill: Drill) -> None:
    if reason := drill.lacking():
        pytest.skip(reason)

    report = await carried_out(drill, drill.short)

    assert report.passed, str(report)


def test_every_drill_finds_some_server_out() -> None:
    assert {broken.drill for broken in BROKEN} == {drill.name for drill in DRILLS}
    assert set(BITTEN) <= {bite_name(broken) for broken in BROKEN}
    assert len({bite_name(broken) for broken in BROKEN}) == len(BROKEN)


async def test_a_drill_that_cannot_go_on_is_told_as_a_finding() -> None:
    async def run(orders: Orders) -> Report:
        raise Unsettled(f"{orders.n} of them are lost")

    report = await carried_out(Drill("stuck", "cannot go on", run, long=Orders(3), short=Orders(1)), Orders(3))

    assert not report.passed
    assert "3 of them are lost" in str(report)
    assert unseen(Broken("any", "loses what it has", "stuck", Orders(3), ["lost"]), report) == ["lost"]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("broken", [broken for broken in BROKEN if bite_name(broken) in BITTEN], ids=bite_name)
async def test_a_broken_server_is_found_out(broken: Broken) -> None:
    if reason := drill_named(broken.drill).lacking():
        pytest.skip(reason)

    report = await found_out(broken)

    assert not unseen(broken, report), f"{unseen(broken, report)} missing in {report}"
