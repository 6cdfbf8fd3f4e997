"""The power fails under load: what was written and not synced is gone, in part or as a whole.

Every call of a running server is recorded. Then the journal's folder is rebuilt as a power cut might have left it: at many moments
of the recording, each read by the product's own recovery, and at its end, where the server starts on it and the load goes on.
"""

import asyncio
import contextlib
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import msgspec

from persistence.journal.refusals import JournalRefused
from tests.drills.catalog import Orders
from tests.drills.disk.beside import Beside, Stored, open_beside, stored_in, tops_in
from tests.drills.disk.calls import Began, Call, Ended, read_calls
from tests.drills.disk.forgetful import ForgetfulFolder
from tests.drills.disk.recovered import Batches, recovered, scratch
from tests.drills.disk.strace import OPTIONS, recording, until_written
from tests.drills.load import open_load
from tests.drills.report import Report
from tests.support.server import DidNotStart

LIFE_S = (0.8, 2.0)
"""Between ready and the cut."""
MOMENTS = 40
"""Of each life, at which recovery is tried: behind one of the calls that concern the journal or its readers."""
SAMPLE_S = 0.03
COMPLAINTS = 20

_ANSWER = re.compile(rb'"rpc":\{"data":\{"room":"([^"]+)","offset":(\d+),"epoch":"[^"]*","event_ids":\[([^\]]*)\]')
_PUSH = re.compile(rb'"channel":"([^"]+)","pub":\{"data":\{"id":"([^"]+)","offset":(\d+),')


class Life(msgspec.Struct):
    """What is known of one run of the server: where it began, and how far Postgres was when."""

    disk: ForgetfulFolder
    tops: dict[str, int]
    stored: Stored
    samples: list[tuple[float, int]] = msgspec.field(default_factory=list)

    def stored_at(self, at_s: float) -> Stored:
        number = max((number for when, number in self.samples if when <= at_s), default=self.stored.number)
        return self.stored._replace(number=number)


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
        async with open_load(beside.server, orders.plan) as load:
            stored = (await stored_in(beside.dsn))._replace(number=0)
            life = Life(ForgetfulFolder(beside.journal, is_new=True), {}, stored)
            for number in range(orders.n):
                try:
                    life = await _cut(beside, life, number, rng, findings, is_last=number + 1 == orders.n)
                except DidNotStart as error:
                    findings.complain(f"after the cut it did not start: {str(error)[-600:]}")
                    break
            findings.complaints += await load.settled(orders.settle_s)
        verdict, complaints = await beside.ended(load)
    figures: dict[str, object] = {**findings.figures, "p99": f"{load.quantile_ms(0.99):.0f} ms", **load.figures}
    return Report(drill="power_loss", verdict=verdict, figures=figures, complaints=findings.complaints + complaints)


async def _cut(beside: Beside, life: Life, number: int, rng: random.Random, findings: Findings, *, is_last: bool) -> Life:
    """Let it live for a moment, cut the power, look at the recording, and start it on what is left."""
    ready_s = time.time()
    async with _sampling(beside.dsn, life.samples):
        await asyncio.sleep(rng.uniform(*LIFE_S))
    pid = beside.server.pid
    await beside.server.kill()
    log = beside.folder / f"calls-{number}"
    await until_written(log, pid)
    steps = list(read_calls(log))
    log.unlink()
    with scratch() as folder:
        await Replay(life, rng, folder, findings).run(steps, ready_s if number == 0 else 0.0)
    shutil.rmtree(beside.journal)
    life.disk.after_a_cut(rng, beside.journal)
    findings.figures["power cuts"] += 1
    following = Life(ForgetfulFolder(beside.journal), await tops_in(beside.dsn), await stored_in(beside.dsn))
    beside.server.env.update({OPTIONS: ""} if is_last else recording(beside.folder / f"calls-{number + 1}"))
    await beside.server.start()
    return following


@contextlib.asynccontextmanager
async def _sampling(dsn: str, samples: list[tuple[float, int]]) -> AsyncIterator[None]:
    """Note how far the write-behind is: at least so far it is at every later moment."""

    async def sample() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            while True:
                number = await connection.fetchval("SELECT number FROM positions")
                samples.append((time.time(), number))
                await asyncio.sleep(SAMPLE_S)
        finally:
            await connection.close()

    task = asyncio.create_task(sample())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Replay:
    """Goes through a recording, step by step, and tries recovery at moments that the seed decides."""

    def __init__(self, life: Life, rng: random.Random, folder: Path, findings: Findings) -> None:
        self._life = life
        self._rng = rng
        self._folder = folder
        self._findings = findings
        self._batches: Batches = {}
        self._tops = dict(life.tops)
        """Of the rooms, up to batch ``_counted``: what Postgres has for certain."""
        self._counted = self._read_up_to = life.stored.number
        self._seen: dict[str, int] = {}
        self._ids: dict[tuple[str, int], str] = {}

    async def run(self, steps: Sequence[Began | Ended], from_s: float) -> None:
        steps = [step for step in steps if self._life.disk.concerns(step.call) or _is_to_a_client(step.call)]
        behind = [index for index, step in enumerate(steps) if step.call.at_s >= from_s]
        moments = {*self._rng.sample(behind, min(MOMENTS, len(behind))), len(steps) - 1}
        for index, step in enumerate(steps):
            self._life.disk.take(step)
            if isinstance(step, Began):
                self._leaves(step.call)
            if index in moments:
                await self._try(f"call {index} of {len(steps)}", self._life.stored_at(step.call.at_s))
        self._compare()
        figures = self._findings.figures
        figures["recorded writes"] += self._life.disk.writes
        figures["syncs"] += self._life.disk.syncs
        figures["events seen"] += len(self._ids)

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

    async def _try(self, moment: str, stored: Stored) -> None:
        """The power fails at this moment: is all there that anybody has seen?"""
        self._findings.figures["moments tried"] += 1
        self._findings.figures["unsynced changes met"] += bool(self._life.disk.unsynced)
        folder = self._folder / "cut"
        self._life.disk.after_a_cut(self._rng, folder)
        # Stored batches stay for a second: so every one of them is read once, and known behind that.
        stored = stored._replace(number=min(stored.number, self._read_up_to))
        found = await recovered(folder, stored)
        shutil.rmtree(folder)
        if isinstance(found, JournalRefused):
            self._findings.complain(f"a cut at {moment}: the journal is refused: {found}")
            return
        self._read_up_to = max(self._read_up_to, *found, 0)
        for number, places in found.items():
            if self._batches.setdefault(number, places) != places:
                self._findings.complain(f"a cut at {moment}: batch {number} is {places}, at another {self._batches[number]}")
        tops = dict(self._stored_tops(stored.number))
        for places in found.values():
            tops.update({place.room: max(place.offset, tops.get(place.room, 0)) for place in places})
        lost = {room: top for room, top in self._seen.items() if top > tops.get(room, 0)}
        if lost:
            self._findings.complain(f"a cut at {moment}: was seen and is lost: {lost}")

    def _stored_tops(self, number: int) -> dict[str, int]:
        while self._counted < number and self._counted + 1 in self._batches:
            self._counted += 1
            for place in self._batches[self._counted]:
                self._tops[place.room] = max(place.offset, self._tops.get(place.room, 0))
        return self._tops

    def _compare(self) -> None:
        """What a client was shown is what the journal holds there."""
        for place in (place for places in self._batches.values() for place in places):
            shown = self._ids.get((place.room, place.offset), place.event_id)
            if shown != place.event_id:
                self._findings.complain(f"{place.room} {place.offset}: {shown} was shown, the journal has {place.event_id}")
