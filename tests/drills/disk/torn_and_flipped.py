"""The journal of a server that was killed under load is damaged, hundreds of times for its recovery, some for a start."""

import asyncio
import random
import shutil
from pathlib import Path

from persistence.journal.refusals import JournalRefused
from tests.drills.catalog import Orders
from tests.drills.disk.beside import Beside, open_beside, stored_in
from tests.drills.disk.damage import Ward, contents, flips, in_an_earlier_commit, log_in, put_back, tears
from tests.drills.disk.recovered import recovered, scratch
from tests.drills.load import open_load
from tests.drills.report import Report
from tests.support.server import DidNotStart

LIFE_S = 2.0
EVERY_BYTE = 1_000
"""From so many bits on the last commit is torn at every byte; else as often as bits are turned."""
STARTS = 2
ENVIRONMENT = {
    # Stored late: the tail has to be recovered. Kept long: a database of yesterday needs every file.
    "ATRIUM_WRITE_BEHIND_BATCH_AGE_S": "1.5",
    "ATRIUM_JOURNAL_KEEP_S": "300",
    "ATRIUM_JOURNAL_SEGMENT_BYTES": "200000",
}


async def torn_and_flipped_drill(orders: Orders) -> Report:
    """Turn ``orders.n`` bits, one at a time, and tear the last commit as often; from ``EVERY_BYTE`` on at every byte."""
    rng = random.Random(orders.plan.seed)
    async with open_beside(orders.command, ENVIRONMENT) as beside:
        async with open_load(beside.server, orders.plan) as load:
            await load.until_inside()
            await asyncio.sleep(LIFE_S)
            await beside.server.kill()
            with scratch() as folder:
                ward = await _admitted(beside, folder / "original")
                await ward.treat(flips(ward.original, ward.log, rng, orders.n), folder / "copy")
                torn = len(ward.log.last_commit) if orders.n >= EVERY_BYTE else orders.n
                await ward.treat(tears(ward.log, rng, torn), folder / "copy")
                complaints = ward.complaints + await _refused_starts(beside, ward, rng)
            complaints += await load.settled(orders.settle_s)
        verdict, ended = await beside.ended(load)
    figures = {"outcomes": dict(ward.outcomes), "batches": len(ward.whole), "starts": STARTS, **load.figures}
    return Report(drill="torn_and_flipped", verdict=verdict, figures=figures, complaints=[*complaints, *ended])


async def _admitted(beside: Beside, original: Path) -> Ward:
    """What the server left, and what is read of it unharmed, from the first batch on."""
    shutil.copytree(beside.journal, original)
    shutil.copytree(beside.journal, original.with_name("whole"))
    stored = (await stored_in(beside.dsn))._replace(number=0)
    whole = await recovered(original.with_name("whole"), stored)
    if isinstance(whole, JournalRefused):
        raise whole
    return Ward(original, stored, whole, log_in(original))


async def _refused_starts(beside: Beside, ward: Ward, rng: random.Random) -> list[str]:
    """The server itself, on damage; then on what it really left."""
    complaints = []
    for _ in range(STARTS):
        injury = in_an_earlier_commit(ward.log, rng)
        put_back(ward.original, beside.journal, [injury])
        before, told = contents(beside.journal), len(beside.server.lines)
        try:
            await beside.server.start()
        except DidNotStart:
            said = "\n".join(beside.server.lines[told:])
            if injury.name not in said:
                complaints.append(f"{injury}: it did not start, and did not say where: {said[-300:]}")
            if any((beside.journal / name).read_bytes() != content for name, content in before.items()):
                complaints.append(f"{injury}: it did not start, and changed something")
        else:
            return [*complaints, f"{injury}: it started on a damaged journal"]
    put_back(ward.original, beside.journal)
    await beside.server.start()
    return complaints
