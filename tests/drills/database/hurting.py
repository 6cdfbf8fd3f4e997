"""An embedded Postgres that is hurt under load: whatever is done to it, afterwards everything is stored, once, rows included."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from persistence.embedded import EmbeddedSettings, open_embedded
from tests.drills.catalog import Orders
from tests.drills.checker import Verdict
from tests.drills.database.rows import changed_by_rerun
from tests.drills.health import gone, until_all_is_stored
from tests.drills.load import Load, judged, open_load, until_stored
from tests.drills.report import unclean_end
from tests.drills.stage import dsn_of
from tests.support.server import ServerProcess, data_folder, open_server

GOES_ON_SHARE = 0.25
"""Of the commands that clients want to give, at least so many are acknowledged while Postgres is hurt."""


ENDING_S = 15.0
"""By then a server that is ending has ended."""


class Hurt(NamedTuple):
    load: Load
    verdict: Verdict
    complaints: list[str]


async def hurt_under_load(orders: Orders, hurt: Callable[[ServerProcess, Load], Awaitable[list[str]]]) -> Hurt:
    """``hurt`` is called once, with everybody inside, and returns its complaints."""
    with data_folder() as data:
        async with open_server(data, command=orders.command) as server:
            async with open_load(server, orders.plan) as load:
                await load.until_inside()
                try:
                    complaints = await hurt(server, load)
                    complaints += await load.settled(orders.settle_s)
                    complaints += await until_stored(dsn_of(server), load, orders.settle_s)
                except OSError as error:  # a server that ends by itself takes its Postgres along
                    try:
                        await server.ended(ENDING_S)
                    except TimeoutError:
                        raise error from None
                    complaints = [gone(server, error)]
            complaints += await until_all_is_stored(server, orders.settle_s)
            complaints += unclean_end(server, await server.stop())
        async with open_embedded(EmbeddedSettings(data=data / "postgres")) as dsn:
            verdict = await judged(dsn, load)
            complaints += await changed_by_rerun(dsn, load.rooms)
    return Hurt(load, verdict, complaints)
