"""Token buckets: how fast a connection, and a user over all connections, may send commands."""

from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["pass", "refuse", "end"]


class Bucket:
    """Holds up to ``burst`` tokens, ``per_s`` more each second; a command takes one.

    An empty bucket refuses, and every refused command digs deeper: one who goes on regardless ends at ``-burst``, one who waits
    gets out again.
    """

    __slots__ = ("_at_s", "_burst", "_per_s", "_tokens")

    def __init__(self, per_s: float, burst: int, now_s: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = float(burst)
        self._at_s = now_s

    def take(self, now_s: float) -> Verdict:
        tokens = self._tokens + (now_s - self._at_s) * self._per_s
        self._at_s = now_s
        self._tokens = (tokens if tokens < self._burst else self._burst) - 1.0
        if self._tokens >= 0.0:
            return "pass"
        return "refuse" if self._tokens > -self._burst else "end"

    def is_full(self, now_s: float) -> bool:
        """Whether it may be forgotten: a new one would say the same."""
        return self._tokens + (now_s - self._at_s) * self._per_s >= self._burst


def worst(first: Verdict, second: Verdict) -> Verdict:
    if first == second:
        return first
    return "end" if first == "end" or second == "end" else "refuse"
