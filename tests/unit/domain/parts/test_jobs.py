"""Steps in an order with ways back, and progress that never falls."""

import pytest

from domain.parts.jobs import check_step, furthest
from domain.rejections import OutOfOrder

ORDER = ("plan", "build", "test", "ship")
BACK = {"test": frozenset({"build"})}


@pytest.mark.parametrize("old,new", [(None, "test"), ("plan", "ship"), ("build", "build"), ("test", "build")])
def test_forward_staying_and_the_named_ways_back_are_open(old: str | None, new: str) -> None:
    check_step(ORDER, BACK, old, new)


@pytest.mark.parametrize("old,new", [("build", "plan"), ("test", "plan"), ("ship", "test")])
def test_any_other_way_back_is_refused(old: str, new: str) -> None:
    with pytest.raises(OutOfOrder, match=f"from {old} there is no way back to {new}"):
        check_step(ORDER, BACK, old, new)


def test_the_highest_progress_that_was_said_counts() -> None:
    assert furthest(10, None, 30, 20) == 30
    assert furthest(None) == 0
