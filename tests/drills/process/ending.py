"""A server that is asked to end under load, and started again, over and over: how often does not matter to what is asked of it."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tests.drills.catalog import Orders
from tests.drills.checker import Verdict
from tests.drills.load import Load, judge_folder, open_load
from tests.drills.report import unclean_end
from tests.support.server import ServerProcess, data_folder, open_server


class End(NamedTuple):
    """How one end went: the exit code, and the seconds that count."""

    code: int
    took_s: float


class Ends(NamedTuple):
    load: Load
    verdict: Verdict
    complaints: list[str]
    longest_s: float


async def ended_under_load(orders: Orders, end: Callable[[ServerProcess, int], Awaitable[End]]) -> Ends:
    """``end`` is called ``orders.n`` times with the server, and how often it has ended before."""
    complaints: list[str] = []
    took_s: list[float] = []
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                for number in range(orders.n):
                    await load.until_inside()
                    ended = await end(server, number)
                    took_s.append(ended.took_s)
                    complaints += unclean_end(server, ended.code)
                    if (data / "postgres" / "postmaster.pid").exists():
                        complaints.append("Postgres was left running, or without its checkpoint")
                    await server.start()
                complaints += await load.settled(orders.settle_s)
            complaints += unclean_end(server, await server.stop())
            verdict = await judge_folder(server, load)
    return Ends(load, verdict, complaints, max(took_s, default=0.0))
