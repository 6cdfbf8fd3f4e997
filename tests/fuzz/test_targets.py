"""Every target in its short form: the same inputs in each run, so that a failure is the change's and not the dice's."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.engines import by_hypothesis
from tests.fuzz.everything import TARGETS
from tests.fuzz.strategies import inputs
from tests.fuzz.target import Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_comes_in_is_answered_as_declared(target: Target) -> None:
    @settings(
        max_examples=target.short_examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target))
    def run(data: bytes) -> None:
        target.run(data)

    run()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_seeds_are_whole_inputs(target: Target) -> None:
    for seed in target.seeds[:: max(1, len(target.seeds) // 20)]:
        target.run(seed)


def test_a_target_that_breaks_is_told_with_its_smallest_input() -> None:
    def run(data: bytes) -> None:
        assert b"\x07" not in data, "seven"

    told: list[str] = []
    broken = Target("broken", "does not like seven", run, [b"123\x07456"], code=())

    found = by_hypothesis(broken, 30.0, 1, told.append)

    assert (found.crashes, found.executions > 0) == (1, True)
    assert "seven" in told[0]
    assert "\\x07" in told[0]
