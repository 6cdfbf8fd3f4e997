"""Where a connection stands in its life, and the instant at which something happens to it."""

from enum import IntEnum
from typing import NamedTuple


class Now(NamedTuple):
    """An instant on both clocks, and a random number from 0 to 1 by which what came together is spread."""

    s: float
    ms: int
    phase: float = 0.0


class Stage(IntEnum):
    NEW = 0
    AUTHENTICATING = 1
    OPEN = 2
    ENDED = 3
