"""Damage of a journal that a killed server left: the last commit torn at every byte, single bits turned in every file.

Recovery has everything, or refuses and names the file, which it then has not changed. The one exception is the last commit: nobody
can tell a damaged one from one that the crash left unfinished, so that one alone may be missing.
"""

import random
import shutil
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from persistence.journal.refusals import JournalRefused
from tests.drills.disk.beside import Stored
from tests.drills.disk.recovered import Batches, recovered

COMPLAINTS = 20
LOG_HEADER, FRAME_HEADER, PAGE = 32, 24, 4_096
FRAME = FRAME_HEADER + PAGE
"""https://sqlite.org/fileformat2.html, "The Write-Ahead Log"; read here once more, with nothing of the product's own."""


class Injury(NamedTuple):
    """``bit`` of the file's byte ``at`` is turned; without one the file ends there."""

    name: str
    at: int
    bit: int | None = None

    def hurt(self, folder: Path) -> None:
        content = bytearray((folder / self.name).read_bytes())
        if self.bit is None:
            del content[self.at :]
        else:
            content[self.at] ^= 1 << self.bit
        (folder / self.name).write_bytes(content)

    def __str__(self) -> str:
        return f"{self.name} cut at {self.at}" if self.bit is None else f"bit {self.bit} of byte {self.at} of {self.name}"


class Log(NamedTuple):
    """The log of the segment that was open: ``ends`` are the bytes behind each finished commit, the header counts as the first."""

    name: str
    size: int
    ends: tuple[int, ...]

    @property
    def last_commit(self) -> range:
        return range(self.ends[-2], self.size)

    @property
    def frames(self) -> range:
        return range(LOG_HEADER, self.ends[-1], FRAME)


def log_in(folder: Path) -> Log:
    path = max(path for path in folder.glob("*-wal") if path.stat().st_size)
    content = path.read_bytes()
    ends = [LOG_HEADER]
    for at in range(LOG_HEADER, len(content) - FRAME + 1, FRAME):
        (pages_after,) = struct.unpack_from(">I", content, at + 4)
        if pages_after and content[at + 8 : at + 16] == content[16:24]:
            ends.append(at + FRAME)
    return Log(path.name, len(content), tuple(ends))


def tears(log: Log, rng: random.Random, count: int) -> Iterator[Injury]:
    """The last commit torn: at every byte, if ``count`` allows it."""
    places = log.last_commit
    chosen = places if count >= len(places) else sorted(rng.sample(places, count))
    return (Injury(log.name, at) for at in chosen)


def flips(folder: Path, log: Log, rng: random.Random, count: int) -> Iterator[Injury]:
    """Single bits: half of them in the headers of the log's frames, where they do most harm, the others in any byte of any file."""
    files = [(path.name, path.stat().st_size) for path in sorted(folder.glob("*")) if path.name not in ("lock", "ballast")]
    sizes = [size for _, size in files]
    for index in range(count):
        if index % 2:
            yield Injury(log.name, rng.choice(log.frames) + rng.randrange(FRAME_HEADER), rng.randrange(8))
        else:
            ((name, size),) = rng.choices(files, sizes)
            yield Injury(name, rng.randrange(size), rng.randrange(8))


class Ward(msgspec.Struct):
    """Hurts copies of ``original`` one by one, and notes what recovery makes of each."""

    original: Path
    stored: Stored
    whole: Batches
    log: Log
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    complaints: list[str] = msgspec.field(default_factory=list)

    async def treat(self, injuries: Iterator[Injury], copy: Path) -> None:
        for injury in injuries:
            shutil.copytree(self.original, copy)
            injury.hurt(copy)
            before = contents(copy)
            outcome = self._outcome(injury, await self._opened(copy), copy)
            after = contents(copy)
            if outcome == "refused" and any(after.get(name) != content for name, content in before.items()):
                outcome = "refused, and something was changed"
            shutil.rmtree(copy)
            self.outcomes[outcome] += 1
            if outcome not in ("all there", "refused", "last commit taken for unfinished") and len(self.complaints) < COMPLAINTS:
                self.complaints.append(f"{injury}: {outcome}")

    async def _opened(self, copy: Path) -> Batches | JournalRefused | str:
        try:
            return await recovered(copy, self.stored)
        except Exception as error:  # the finding is that it is no refusal
            return f"ends with {error!r}"

    def _outcome(self, injury: Injury, found: Batches | JournalRefused | str, copy: Path) -> str:
        if isinstance(found, str):
            return found
        if isinstance(found, JournalRefused):
            return "refused" if str(copy) in str(found) else f"refused without saying where: {found}"
        if found == self.whole:
            return "all there"
        missing = sorted(set(self.whole) - set(found))
        if any(self.whole.get(number) != places for number, places in found.items()):
            return "another record is served"
        if missing == [max(self.whole)] and injury.name == self.log.name and injury.at in self.log.last_commit:
            return "last commit taken for unfinished"
        return f"batches {missing} of {max(self.whole)} are silently missing"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.name not in ("lock", "ballast")}


def in_an_earlier_commit(log: Log, rng: random.Random) -> Injury:
    """A bit of a page that was written, synced and acknowledged, and is not in the last commit."""
    first, last = log.ends[len(log.ends) // 2], log.ends[-2]
    return Injury(log.name, rng.choice(range(first, last, FRAME)) + FRAME_HEADER + rng.randrange(PAGE), rng.randrange(8))


def put_back(original: Path, folder: Path, injuries: Sequence[Injury] = ()) -> None:
    shutil.rmtree(folder)
    shutil.copytree(original, folder)
    for injury in injuries:
        injury.hurt(folder)
