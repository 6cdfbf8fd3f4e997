"""How commands were answered: how many, with which refusals, and how long an acknowledgement took."""

from bisect import bisect_left
from collections import Counter
from typing import Final

from domain.rejections import Rejection

BOUNDS_S: Final = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Around the targets: half the answers within 3 ms, 99 of 100 within 15 ms."""


class Tally:
    """Only rises; read when somebody asks.

    ``counts`` has one number for each of ``BOUNDS_S`` (up to it, above the one before) and one for what took longer.
    """

    __slots__ = ("accepted", "counts", "refused", "seconds")

    def __init__(self) -> None:
        self.accepted = 0
        self.seconds = 0.0
        """The sum of all acknowledgement times."""
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.refused: Counter[type[Rejection]] = Counter()

    @property
    def rejected(self) -> int:
        return self.refused.total()

    def accept(self, seconds: float) -> None:
        # Speed: once per command, 0.15 µs; a histogram of the library takes locks, for four times that.
        self.accepted += 1
        self.seconds += seconds
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1

    def refuse(self, rejection: Rejection) -> None:
        self.refused[type(rejection)] += 1
