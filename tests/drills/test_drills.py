"""The drills in their short forms; ``make drill`` runs the long ones."""

import pytest

from tests.drills.broken_ack import broken_ack_drill
from tests.drills.kill import kill_drill
from tests.drills.load import Plan
from tests.drills.postgres_away import postgres_away_drill
from tests.drills.reactions import broken_reactions_drill, reactions_drill
from tests.drills.sigterm import sigterm_drill
from tests.drills.slow_reader import slow_reader_drill
from tests.drills.voters import voters_drill

PLAN = Plan(clients=12, rooms=6, rate_per_s=200.0, seed=7)
DEALS = Plan(clients=8, rooms=4, rate_per_s=100.0, seed=7)


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
async def test_what_rooms_make_in_each_other_happens_once_through_kill_9() -> None:
    report = await reactions_drill(2, DEALS)

    assert report.passed, str(report)
    assert report.figures["comments told"]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_server_that_delivers_between_rooms_twice_is_found_out() -> None:
    report = await broken_reactions_drill(2, DEALS)

    assert report.passed, str(report)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_of_many_voters_each_counts_once_however_often_they_vote_or_are_cut() -> None:
    report = await voters_drill(120, seed=5)

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
