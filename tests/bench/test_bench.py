"""The benchmark runs and prints its ratios, and neither a command nor a delivery costs twice what it did; no test fails for a slow
machine."""

import pytest

from tests.bench.__main__ import ALONE, PARTS, measure
from tests.bench.ceiling import reads_per_s
from tests.bench.lines import Line, as_json, from_json, table
from tests.bench.marks import MARK, Marks, marked
from tests.bench.sizes import SHORT, Sizes


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", PARTS)
async def test_a_part_measures_something_beside_its_reference(part: str) -> None:
    lines = await measure([part], SHORT)

    assert lines
    assert all(line.measured > 0 and not line.failure for line in lines), table(lines)


async def test_a_part_that_fails_says_so_and_lets_the_others_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(sizes: Sizes) -> list[Line]:
        raise OSError("no disk")

    monkeypatch.setitem(ALONE, "start", fails)

    lines = await measure(["ceiling", "start"], SHORT)

    assert {line.part: line.failure for line in lines} == {"ceiling": "", "start": "OSError: no disk"}
    assert "failed: OSError" in table(lines)


def test_a_distance_says_how_many_times_better_than_the_target() -> None:
    fast = Line(name="rate", unit="/s", measured=30.0, target=20.0)
    slow = Line(name="time", unit="ms", measured=30.0, target=20.0, more_is_better=False)
    cheap = Line(name="cost", unit="µs", measured=11.0, reference=10.0, most_ratio=1.15, more_is_better=False)

    assert fast.distance == 1.5 and fast.is_met
    assert slow.distance == pytest.approx(0.667, abs=0.001) and not slow.is_met
    assert cheap.distance == pytest.approx(1.045, abs=0.001)


def test_the_table_shows_ratio_and_target_and_the_report_holds_them() -> None:
    line = Line(name="rate", unit="/s", measured=30.0, reference=60.0, reference_name="bare", target=20.0)

    assert "0.50" in table([line]) and "yes 1.50" in table([line])
    assert b'"ratio": 0.5' in as_json([line])
    assert from_json(as_json([line])) == [line]


def test_what_a_machine_lacks_stands_in_the_table() -> None:
    line = Line(name="beside nchan", unit="/s", lacking="nginx with nchan", least_ratio=6.0)

    assert "lacking: nginx with nchan" in table([line]) and line.is_met is None


@pytest.mark.parametrize("cut", range(1, len(MARK) + 1))
def test_a_mark_that_a_read_tears_apart_counts_once(cut: int) -> None:
    marks = Marks()
    payload = marked(20).encode()

    for part in (payload, payload[:cut], payload[cut:] + payload):
        marks.take(7, part)

    assert marks.seen == 3


def test_the_ceiling_counts_what_lies_ready() -> None:
    assert reads_per_s(members=3, window=2, rounds=2) > 0
