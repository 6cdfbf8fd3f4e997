"""The benchmark runs and prints its ratios; no test fails for a slow machine."""

import pytest

from tests.bench.__main__ import PARTS, measure
from tests.bench.lines import Line, as_json, table
from tests.bench.sizes import SHORT


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_every_part_measures_something_beside_its_reference() -> None:
    lines = await measure(list(PARTS), SHORT)

    assert all(line.measured > 0 for line in lines), table(lines)
    assert any(line.ratio for line in lines)
    assert {"start, again", "fan-out W=16, rate"} <= {line.name for line in lines}


def test_a_distance_says_how_many_times_better_than_the_target() -> None:
    fast = Line(name="rate", unit="/s", measured=30.0, target=20.0)
    slow = Line(name="time", unit="ms", measured=30.0, target=20.0, more_is_better=False)

    assert fast.distance == 1.5
    assert slow.distance == pytest.approx(0.667, abs=0.001)


def test_the_table_shows_ratio_and_distance_and_the_report_holds_them() -> None:
    line = Line(name="rate", unit="/s", measured=30.0, reference=60.0, reference_name="bare", target=20.0)

    assert "0.50" in table([line]) and "1.50 ok" in table([line])
    assert b'"ratio": 0.5' in as_json([line])
