"""The drills in their short forms; ``make drill`` runs the long ones."""

import pytest

from tests.drills.broken_ack import broken_ack_drill
from tests.drills.kill import kill_drill
from tests.drills.load import Plan
from tests.drills.postgres_away import postgres_away_drill
from tests.drills.sigterm import sigterm_drill
from tests.drills.slow_reader import slow_reader_drill

PLAN = Plan(clients=8, rooms=2, rate_per_s=200.0, seed=7)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_kill_9_under_load_loses_doubles_and_reorders_nothing() -> None:
    report = await kill_drill(3, PLAN)

    assert report.passed, str(report)
    assert report.verdict.resumes > 0


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_sigterm_under_load_sends_everyone_away_with_3001_and_loses_nothing() -> None:
    report = await sigterm_drill(1, PLAN)

    assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_with_postgres_away_open_rooms_go_on_and_everything_arrives_later() -> None:
    report = await postgres_away_drill(4.0, PLAN)

    assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_slow_reader_ends_with_the_same_as_a_fast_one() -> None:
    report = await slow_reader_drill(6.0)

    assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_server_that_acknowledges_before_it_appends_is_found_out() -> None:
    report = await broken_ack_drill(2, PLAN)

    assert report.passed, str(report)
