"""Jobs that report how far they are: steps in an order with a few ways back, and progress that never falls."""

from collections.abc import Mapping, Sequence

from domain.rejections import OutOfOrder


def check_step(order: Sequence[str], ways_back: Mapping[str, frozenset[str]], old: str | None, new: str) -> None:
    """Steps go forward freely, stay, and go back only where ``ways_back`` (from -> to) says so; raises ``OutOfOrder``."""
    if old is None or order.index(new) >= order.index(old) or new in ways_back.get(old, ()):
        return
    back = sorted(ways_back.get(old, ()), key=order.index)
    open_steps = [*back, *order[order.index(old) :]]
    raise OutOfOrder(f"from {old} there is no way back to {new}; it may go on with {', '.join(open_steps)}")


def furthest(*progress: int | None) -> int:
    """Progress counts for the whole job and never falls: the highest of what was said counts."""
    return max((value for value in progress if value is not None), default=0)
