"""The simulation in short; ``make simulate`` runs thousands of seeds."""

import os
import subprocess
import sys

import pytest

from tests.simulation.broken import BROKEN, Variant
from tests.simulation.campaign import bite, run_many
from tests.simulation.course import run_course

SEEDS = range(1, 301)
BITE_SEEDS = 40
AGAIN = 7


@pytest.mark.slow
@pytest.mark.timeout(900)  # for a machine that has much else to do; alone it takes a minute
def test_no_seed_shows_an_anomaly() -> None:
    told: list[str] = []

    campaign = run_many(SEEDS, told.append)

    assert campaign.is_clean, "".join(told)
    assert campaign.acked > 10 * len(SEEDS)
    assert len(campaign.faults) >= 15, "some kind of fault was never injected"


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("variant", BROKEN, ids=lambda variant: variant.name)
def test_a_broken_node_is_found_out(variant: Variant) -> None:
    result = bite(variant, variant.likely, BITE_SEEDS)

    assert result.signs, f"{variant.what}: not found in {result.seeds} seeds"


@pytest.mark.timeout(120)
def test_the_same_seed_is_the_same_course_in_every_process() -> None:
    here = run_course(AGAIN, with_lines=True)
    elsewhere = [_told_by_a_process(hash_seed) for hash_seed in ("1", "2")]

    assert elsewhere[0] == elsewhere[1]
    assert elsewhere[0].splitlines()[:-1] == [*(here.lines or ()), *str(here).splitlines()]
    assert here.trace in elsewhere[0]
    assert run_course(AGAIN + 1).trace != here.trace


def _told_by_a_process(hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(AGAIN), "--trace"]
    return subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, capture_output=True, text=True, timeout=100
    ).stdout


def test_a_failing_seed_says_how_to_run_it_again() -> None:
    told: list[str] = []
    doubling = next(variant for variant in BROKEN if variant.name == "no_dedupe")

    campaign = run_many([1], told.append, doubling)

    assert campaign.failing == [1]
    assert "again: python -m tests.simulation --seed 1\n" in told[0]
    assert "ran_twice" in told[0]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [10169], ids=["a_segment_goes_while_it_is_read_back"])
def test_a_seed_that_has_found_a_fault_is_clean(seed: int) -> None:
    report = run_course(seed)

    assert report.is_clean, str(report)
