"""A command or a delivery that costs twice as much as before is noticed here, on any machine and however busy it is."""

import pytest

from tests.bench.cost import calls_per_command, calls_per_publication, spent

CALLS_PER_COMMAND = 115.0
"""Calls of Python functions for one ``post``, from its bytes to its answer, when this was last looked at."""
CALLS_PER_MEMBER = 0.5
"""Rooms write straight to their members' transports: not one Python call each."""
STEPS_PER_COMMAND = 650.0
"""So many calls of a small Python function take as long as one command."""
MOST = 1.6
"""Of what it was: below a doubling, above any noise."""


async def test_a_command_makes_no_more_python_calls_than_it_did() -> None:
    calls = await calls_per_command(512)

    assert calls < CALLS_PER_COMMAND * MOST


async def test_another_member_costs_a_publication_no_python_call() -> None:
    few, many = await calls_per_publication(100, 8), await calls_per_publication(300, 8)

    assert (many - few) / 200 < CALLS_PER_MEMBER


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_command_costs_no_more_than_so_many_steps_of_plain_python() -> None:
    # in turns and the best of three: whatever else runs here only makes it slower
    ratios = [spent("commands", 2_000) / spent("steps", 1_000_000) for _ in range(3)]

    assert min(ratios) < STEPS_PER_COMMAND * MOST
