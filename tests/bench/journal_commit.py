"""``python -m tests.bench.journal_commit``: the three ways to commit, compared behind the contract, unpinned.

Each way runs in a fresh interpreter, on a real disk (``--folder``), under uvloop:

- *idle loop*: one append after the other, and 64 waiting at a time: commits and records a second.
- *full loop*: the loop always has Python to run (``--turn-us`` in every turn) while commands arrive at a fixed rate. What waits is
  appended once per turn, one append in flight, as the pump does it; time from a command's arrival to its acknowledgement, and how
  much of the loop's own work got done in the meantime.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from domain.kinds import KINDS
from domain.log import Proposal
from domain.record import Record
from persistence.journal.opening import open_sqlite_journal
from persistence.journal.settings import CommitWay, JournalSettings
from persistence.journal.sqlite import SqliteJournal
from tests.support.journals import MemoryGenerations
from tests.support.records import posted, workspace

WAYS: tuple[CommitWay, ...] = ("loop", "thread", "process")
ROOMS = [workspace(f"room {n}") for n in range(64)]


class Rooms:
    """64 rooms that go on: the next proposal of each."""

    def __init__(self) -> None:
        self.tops = [0] * len(ROOMS)

    def proposals(self, counts: dict[int, int]) -> list[Proposal]:
        return [self.proposal(room, count) for room, count in counts.items()]

    def proposal(self, room: int, count: int = 1) -> Proposal:
        top = self.tops[room]
        self.tops[room] += count
        records: tuple[Record, ...] = tuple(posted(ROOMS[room], top + 1 + n, "x" * 200) for n in range(count))
        return Proposal(room=ROOMS[room], expected_top=top, records=records)


async def idle(journal: SqliteJournal, seconds: float) -> dict[str, float]:
    rooms = Rooms()
    rates: dict[str, float] = {}
    for name, width in (("commits_per_s", 1), ("records_per_s_at_64", 64)):
        started, done = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            await journal.append([rooms.proposal(room) for room in range(width)])
            done += width
            await journal.trim(journal.top)
        rates[name] = done / (time.perf_counter() - started)
    return rates


class FullLoop:
    """Python in every turn of the loop, commands at a fixed rate, one append in flight."""

    def __init__(self, journal: SqliteJournal, per_s: float, turn_us: float) -> None:
        self._journal = journal
        self._per_s = per_s
        self._turn_s = turn_us / 1e6
        self._rooms = Rooms()
        self._started = 0.0
        self._arrived = 0
        self._waiting: list[float] = []
        self._is_over = False
        self._work_s = 0.0
        self.latencies_ms: list[float] = []

    async def run(self, seconds: float) -> dict[str, float]:
        loop = asyncio.get_running_loop()
        self._started = time.perf_counter()
        loop.call_soon(self._turn)
        pump = asyncio.create_task(self._pump())
        await asyncio.sleep(seconds)
        self._is_over = True
        await pump
        elapsed = time.perf_counter() - self._started
        ordered = sorted(self.latencies_ms)
        return {
            "acknowledged_per_s": len(ordered) / elapsed,
            "p50_ms": statistics.median(ordered),
            "p99_ms": ordered[int(len(ordered) * 0.99)],
            "worst_ms": ordered[-1],
            "loop_work_share": self._work_s / elapsed,
        }

    def _turn(self) -> None:
        """What a loop does all day: some Python, and whatever has arrived meanwhile."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < self._turn_s:
            pass
        self._work_s += self._turn_s
        due = int((begun - self._started) * self._per_s)
        while self._arrived < due:
            self._arrived += 1
            self._waiting.append(self._started + self._arrived / self._per_s)
        if not self._is_over:
            asyncio.get_running_loop().call_soon(self._turn)

    async def _pump(self) -> None:
        while not self._is_over:
            if not self._waiting:
                await asyncio.sleep(0)
                continue
            taken, self._waiting = self._waiting, []
            counts: dict[int, int] = {}
            for index in range(len(taken)):
                room = (self._arrived + index) % len(ROOMS)
                counts[room] = counts.get(room, 0) + 1
            await self._journal.append(self._rooms.proposals(counts))
            now = time.perf_counter()
            self.latencies_ms += [(now - arrived) * 1e3 for arrived in taken]
            await self._journal.trim(self._journal.top)


async def measure_one(way: CommitWay, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"way": way}
    for part in ("idle", "full"):
        settings = JournalSettings(folder=folder / part, commit=way, ballast_bytes=0)
        async with open_sqlite_journal(MemoryGenerations(), settings, KINDS) as journal:
            if part == "idle":
                figures[part] = await idle(journal, options.seconds)
            else:
                figures[part] = await FullLoop(journal, options.rate, options.turn_us).run(options.seconds)
    return figures


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.journal_commit", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="per measurement")
    parser.add_argument("--rounds", type=int, default=3, help="the ways take turns; the median counts")
    parser.add_argument("--rate", type=float, default=2_000.0, help="commands a second while the loop is full")
    parser.add_argument("--turn-us", type=float, default=500.0, help="Python in every turn of the full loop, microseconds")
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to measure; must not be a memory disk")
    parser.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    if options.only:
        with tempfile.TemporaryDirectory(dir=options.folder, prefix=".journal-bench-") as folder:
            figures = uvloop.run(measure_one(options.only, Path(folder), options))
        sys.stdout.write(json.dumps(figures))
        return 0
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            found[way].append(_in_own_process(way, options))
    sys.stdout.write(table(found))
    return 0


def _in_own_process(way: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.journal_commit", "--only", way, "--folder", str(options.folder)]
    command += ["--seconds", str(options.seconds), "--rate", str(options.rate), "--turn-us", str(options.turn_us)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    columns = [
        ("commits/s", "idle", "commits_per_s", "{:,.0f}"),
        ("records/s at 64", "idle", "records_per_s_at_64", "{:,.0f}"),
        ("full: acked/s", "full", "acknowledged_per_s", "{:,.0f}"),
        ("p50 ms", "full", "p50_ms", "{:.2f}"),
        ("p99 ms", "full", "p99_ms", "{:.2f}"),
        ("worst ms", "full", "worst_ms", "{:.1f}"),
        ("loop's own work", "full", "loop_work_share", "{:.0%}"),
    ]
    lines = ["| way | " + " | ".join(title for title, *_ in columns) + " |", "| --- |" + " --- |" * len(columns)]
    for way, rounds in found.items():
        values = [form.format(statistics.median(each[part][name] for each in rounds)) for _, part, name, form in columns]
        lines.append(f"| {way} | " + " | ".join(values) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
