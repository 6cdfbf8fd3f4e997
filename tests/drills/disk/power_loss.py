"""The power fails under load: what was written and not synced is gone, in part or as a whole.

Every call of a running server is recorded. Then the journal's folder is rebuilt as a power cut might have left it: at many moments
of the recording, each read by the product's own recovery, and at its end, where the server starts on it and the load goes on.
"""

import asyncio
import bisect
import contextlib
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import asyncpg
import msgspec

from persistence.journal.refusals import JournalRefused
from tests.drills.catalog import Orders
from tests.drills.disk.beside import Beside, Stored, open_beside, stored_in
from tests.drills.disk.calls import Began, Call, Ended, read_calls
from tests.drills.disk.forgetful import ForgetfulFolder
from tests.drills.disk.recovered import Batches, recovered, scratch
from tests.drills.disk.strace import OPTIONS, recording, until_written
from tests.drills.load import open_load
from tests.drills.report import Report
from tests.support.server import DidNotStart

LIFE_S = (0.8, 2.0)
"""Between the moment when everybody is inside and the cut."""
MOMENTS = 40
"""Of each life, at which recovery is tried: behind one of the calls that concern the journal or its readers."""
SAMPLE_S = 0.05
"""Far below the two seconds for which stored batches are kept."""
COMPLAINTS = 20

_ANSWER = re.compile(rb'"rpc":\{"data":\{"room":"([^"]+)","offset":(\d+),"epoch":"[^"]*","event_ids":\[([^\]]*)\]')
_PUSH = re.compile(rb'"channel":"([^"]+)","pub":\{"data":\{"id":"([^"]+)","offset":(\d+),')


class Sample(NamedTuple):
    """Postgres at one moment: so far it is at every later one."""

    at_s: float
    number: int
    tops: dict[str, int]


class Samples:
    """What Postgres had, when. Taken beside the load as long as ``taken`` is open."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._all: list[Sample] = []

    @property
    def first_s(self) -> float:
        return self._all[0].at_s

    def at(self, at_s: float) -> Sample:
        """The last one before that moment, or the first of all."""
        return self._all[max(0, bisect.bisect_right(self._all, at_s, key=lambda sample: sample.at_s) - 1)]

    @contextlib.asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        connection = await asyncpg.connect(self._dsn)
        await self._take(connection)
        task = asyncio.create_task(self._take_all(connection))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await connection.close()

    async def _take_all(self, connection: asyncpg.Connection) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            await self._take(connection)

    async def _take(self, connection: asyncpg.Connection) -> None:
        """One statement, one snapshot: the position and what stands in the log belong together."""
        rows = await connection.fetch(
            'SELECT room, max("offset") AS top, (SELECT number FROM positions) AS number FROM room_events GROUP BY room'
        )
        number = rows[0]["number"] if rows else 0
        self._all.append(Sample(time.time(), number, {row["room"]: row["top"] for row in rows}))


def _is_to_a_client(call: Call) -> bool:
    return call.name in ("write", "writev") and call.path.startswith("socket:")


class Findings(msgspec.Struct):
    figures: Counter[str] = msgspec.field(default_factory=Counter)
    complaints: list[str] = msgspec.field(default_factory=list)

    def complain(self, text: str) -> None:
        if len(self.complaints) < COMPLAINTS:
            self.complaints.append(text)


async def power_loss_drill(orders: Orders) -> Report:
    """Cut the power ``orders.n`` times, and at many moments before each cut see what would have been left."""
    rng, findings = random.Random(orders.plan.seed), Findings()
    async with open_beside(orders.command, recording(Path("{folder}/calls-0"))) as beside:
        samples, disk = Samples(beside.dsn), ForgetfulFolder(beside.journal, is_new=True)
        async with open_load(beside.server, orders.plan) as load, samples.taken():
            replay = Replay(samples, await stored_in(beside.dsn), rng, findings)
            for number in range(orders.n):
                try:
                    await load.until_inside()
                    await asyncio.sleep(rng.uniform(*LIFE_S))
                    disk = await _cut(beside, disk, number, replay, rng)
                    await _start(beside, number + 1, is_recorded=number + 1 < orders.n)
                except DidNotStart as error:
                    findings.complain(f"after the cut it did not start: {str(error)[-600:]}")
                    break
            findings.complaints += await load.settled(orders.settle_s)
        verdict, complaints = await beside.ended(load)
    figures: dict[str, object] = {**findings.figures, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="power_loss", verdict=verdict, figures=figures, complaints=findings.complaints + complaints)


async def _cut(beside: Beside, disk: ForgetfulFolder, number: int, replay: "Replay", rng: random.Random) -> ForgetfulFolder:
    """Cut the power, look at the recording, and leave the folder as the cut might have left it."""
    pid = beside.server.pid
    await beside.server.kill()
    log = beside.folder / f"calls-{number}"
    await until_written(log, pid)
    steps = list(read_calls(log))
    log.unlink()
    with scratch() as folder:
        await replay.run(disk, steps, folder)
    shutil.rmtree(beside.journal)
    disk.after_a_cut(rng, beside.journal)
    return ForgetfulFolder(beside.journal)


async def _start(beside: Beside, number: int, *, is_recorded: bool) -> None:
    beside.server.env.update(recording(beside.folder / f"calls-{number}") if is_recorded else {OPTIONS: ""})
    await beside.server.start()


class Replay:
    """Goes through recordings, step by step, and tries recovery at moments that the seed decides."""

    def __init__(self, samples: Samples, generation: Stored, rng: random.Random, findings: Findings) -> None:
        self._samples = samples
        self._generation = generation
        self._rng = rng
        self._findings = findings
        self._seen: dict[str, int] = {}
        self._ids: dict[tuple[str, int], str] = {}

    async def run(self, disk: ForgetfulFolder, steps: Sequence[Began | Ended], folder: Path) -> None:
        """One life. What a cut takes back may be numbered anew in the next one, so batches are compared within one."""
        batches: Batches = {}
        steps = [step for step in steps if disk.concerns(step.call) or _is_to_a_client(step.call)]
        behind = [index for index, step in enumerate(steps) if step.call.at_s >= self._samples.first_s]
        moments = {*self._rng.sample(behind, min(MOMENTS, len(behind))), len(steps) - 1}
        for index, step in enumerate(steps):
            disk.take(step)
            if isinstance(step, Began):
                self._leaves(step.call)
            if index in moments:
                self._findings.figures["moments tried"] += 1
                self._findings.figures["of them with unsynced changes"] += bool(disk.unsynced)
                disk.after_a_cut(self._rng, folder / "cut")
                await self._try(folder / "cut", f"call {index} of {len(steps)}", self._samples.at(step.call.at_s), batches)
                shutil.rmtree(folder / "cut")
        self._compare(batches)
        figures = {"power cuts": 1, "recorded writes": disk.writes, "syncs": disk.syncs}
        self._findings.figures.update(figures)
        self._findings.figures["events seen"] = len(self._ids)

    def _leaves(self, call: Call) -> None:
        """Whatever leaves for a client must survive every cut from here on."""
        if not _is_to_a_client(call):
            return
        for data in call.strings:
            for room, offset, ids in _ANSWER.findall(data):
                self._saw(room.decode(), int(offset), ids.decode().strip('"').split('","')[-1])
            for room, event_id, offset in _PUSH.findall(data):
                self._saw(room.decode(), int(offset), event_id.decode())

    def _saw(self, room: str, offset: int, event_id: str) -> None:
        self._seen[room] = max(offset, self._seen.get(room, 0))
        if event_id:
            self._ids[room, offset] = event_id

    async def _try(self, folder: Path, moment: str, sample: Sample, batches: Batches) -> None:
        """The power fails at this moment: is all there that anybody has seen?"""
        found = await recovered(folder, self._generation._replace(number=sample.number))
        if isinstance(found, JournalRefused):
            self._findings.complain(f"a cut at {moment}: the journal is refused: {found}")
            return
        tops = dict(sample.tops)
        for number, places in found.items():
            if batches.setdefault(number, places) != places:
                self._findings.complain(f"a cut at {moment}: batch {number} is {places}, at another {batches[number]}")
            tops.update({place.room: max(place.offset, tops.get(place.room, 0)) for place in places})
        lost = {room: top for room, top in self._seen.items() if top > tops.get(room, 0)}
        if lost:
            self._findings.complain(f"a cut at {moment}: was seen and is lost: {lost}")

    def _compare(self, batches: Batches) -> None:
        """What a client was shown is what the journal holds there."""
        for place in (place for places in batches.values() for place in places):
            shown = self._ids.get((place.room, place.offset), place.event_id)
            if shown != place.event_id:
                self._findings.complain(f"{place.room} {place.offset}: {shown} was shown, the journal has {place.event_id}")
