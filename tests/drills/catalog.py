"""What a drill is, and what a broken server is: each package beside this file lists its own in ``DRILLS`` and ``BROKEN``."""

import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from tests.drills.checker import Verdict
from tests.drills.load import SETTLE_S, Plan
from tests.drills.report import Report

SERVE = ("-m", "server", "serve")
"""How drills start the server: arguments of this Python."""

LONG = Plan(clients=36, rooms=12, rate_per_s=500.0)
SHORT = Plan(clients=12, rooms=6, rate_per_s=200.0, seed=7)


class Orders(NamedTuple):
    """How much of a drill: ``n`` times or ``seconds`` long, whatever it counts in, against the server that ``command`` starts.

    ``settle_s`` is how long the last answers may take: a broken server never gives them, so there is no use in waiting long.
    """

    n: int = 0
    seconds: float = 0.0
    plan: Plan = LONG
    command: Sequence[str] = SERVE
    settle_s: float = SETTLE_S


def nothing() -> str:
    """What most drills lack on any machine."""
    return ""


class Drill(NamedTuple):
    """``what`` is its line in the report. ``long`` is for ``make drill``, ``short`` for ``make test`` (some ten seconds).

    ``lacking`` names what this machine has not got and the drill needs; "" where it can run.
    """

    name: str
    what: str
    run: Callable[[Orders], Awaitable[Report]]
    long: Orders
    short: Orders
    lacking: Callable[[], str] = nothing


async def carried_out(drill: Drill, orders: Orders) -> Report:
    """Its report. A drill that cannot go on has found something too, and those behind it are still to run."""
    try:
        return await drill.run(orders)
    except Exception as error:
        return Report(drill=drill.name, verdict=Verdict(), broke_off="".join(traceback.format_exception(error)))


class Broken(NamedTuple):
    """A server that breaks one promise, in the module ``tests.drills.broken.<name>``, and how it is found out.

    ``signs`` are kinds of anomalies, or parts of complaints; the ``drill`` with these ``orders`` has to show each of them.
    """

    name: str
    what: str
    drill: str
    orders: Orders
    signs: Sequence[str]

    @property
    def command(self) -> Sequence[str]:
        return ("-m", f"tests.drills.broken.{self.name}", "serve")
