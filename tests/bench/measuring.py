"""Turn and turn about: everything that is compared runs in the same minutes, and the median of several rounds counts."""

import statistics
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, TypeVar

from tests.bench.loads import RemoteLoad
from tests.bench.processes import cpu_s

K = TypeVar("K")


class Measured(NamedTuple):
    """``cpu_us`` is the server's processor time for each, in microseconds; its Postgres is not counted."""

    per_s: float
    cpu_us: float


async def costed(load: RemoteLoad, pid: int, what: str, word: str, **how: float | str) -> tuple[Measured, dict[str, float]]:
    """Have ``load`` do something, and weigh the server meanwhile; ``what`` names the count in its answer."""
    before = cpu_s(pid)
    answer = await load.ask(word, **how)
    spent, count = cpu_s(pid) - before, max(answer[what], 1)
    return Measured(answer[what] / answer["seconds"], spent * 1e6 / count), answer


async def in_turns(rounds: int, runs: Mapping[K, Callable[[], Awaitable[Measured]]]) -> dict[K, Measured]:
    """Each of ``runs`` once per round, in turn; the medians."""
    found: dict[K, list[Measured]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(await run())
    return {name: median(each) for name, each in found.items()}


def median(found: list[Measured]) -> Measured:
    return Measured(statistics.median(each.per_s for each in found), statistics.median(each.cpu_us for each in found))
