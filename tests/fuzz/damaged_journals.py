"""Arbitrary damage of a journal's files: what is read back is what was written, or the start refuses loudly.

The one thing that no reader can tell from a crash is the end of the log: the last commits may be missing where nothing of them is
whole any more. Then what came before them has to be there, all of it and as it was.
"""

import asyncio
import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from domain.log import Position
from persistence.journal.disk import Disk
from persistence.journal.refusals import JournalForeign, JournalRefused
from tests.fuzz.tape import Tape
from tests.fuzz.target import Target
from tests.support.journals import MemoryGenerations, crashed_copy
from tests.support.sqlite_journals import append, opened, settings_in

BATCHES = 18
WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4_096
FRAME = FRAME_HEADER + PAGE


class CarelessDisk(Disk):
    """No fsync of folders: nothing here outlives the process."""

    def sync_folder(self, folder: Path) -> None:
        pass


class Left(NamedTuple):
    """A folder as kill -9 left it, the generation that Postgres knows, and each batch's records as they were written."""

    files: dict[str, bytes]
    epoch: str
    batches: list[list[bytes]]


class Damage(NamedTuple):
    name: str
    content: bytes | None


@cache
def left_behind() -> Left:
    """A journal of several segments: some sealed, and one in the middle of its work."""
    return asyncio.run(_leave_behind())


async def _leave_behind() -> Left:
    generations = MemoryGenerations()
    folder = _workplace() / "made"
    async with opened(generations, settings_in(folder, segment_bytes=3_000), disk=CarelessDisk()) as journal:
        for offset in range(1, BATCHES + 1):
            await append(journal, offset)
            if journal._rotation is not None:
                await journal._rotation
        crashed = crashed_copy(folder, _workplace() / "crashed")
        batches = [[each.body for each in batch.records] async for batch in journal.read(Position(journal.generation, 0))]
    files = {path.name: path.read_bytes() for path in sorted(crashed.iterdir()) if not path.is_dir()}
    assert sum(name.endswith(".segment") for name in files) >= 3
    assert any(name.endswith("-wal") for name in files)
    return Left(files, generations.newest.epoch, batches)


@cache
def _workplace() -> Path:
    """In memory where the machine has such a place: every input writes some files."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="atrium-fuzz-", dir=memory if memory.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def damage_a_journal(data: bytes) -> None:
    left = left_behind()
    tape = Tape(data)
    files = dict(left.files)
    for _ in range(1 + tape.up_to(2)):
        name = tape.one_of(sorted(left.files))
        if name in files:
            damaged = _damaged(tape, files[name])
            if damaged is None:
                del files[name]
            else:
                files[name] = damaged
    folder = _workplace() / "damaged"
    _write(folder, files)
    stored = tape.one_of((0, 0, 5, BATCHES))
    batches = asyncio.run(_read_back(left, folder, stored))
    if batches is None:
        return
    missing = len(left.batches) - stored - len(batches)
    assert missing >= 0, "more than was written"
    assert batches == left.batches[stored : stored + len(batches)], "what was read is not what was written"
    if missing:
        whole = whole_commits_behind(files, left.files, missing)
        assert not whole, f"{missing} batches are lost without a word, {whole} of which are whole in {sorted(files)}"


def _damaged(tape: Tape, content: bytes) -> bytes | None:
    at = tape.up_to(max(len(content) - 1, 0))
    match tape.up_to(7):
        case 0:
            return None
        case 1:
            return content[:at]
        case 2:
            return content[:at] + bytes(tape.up_to(5_000)) + content[at:]
        case 3:
            zeroes = bytes(min(1 + tape.up_to(9_000), len(content) - at))
            return content[:at] + zeroes + content[at + len(zeroes) :]
        case 4:
            moved = tape.up_to(max(len(content) - 1, 0))
            piece = content[moved : moved + 1 + tape.up_to(FRAME)]
            return (content[:at] + piece + content[at + len(piece) :])[: len(content)]
        case 5:
            put = tape.chunk()
            return content[:at] + put + content[at + len(put) :]
        case _:
            flipped = bytes((content[at] ^ 1 << tape.up_to(7),)) if content else b""
            return content[:at] + flipped + content[at + 1 :]


def _write(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


async def _read_back(left: Left, folder: Path, stored: int) -> list[list[bytes]] | None:
    """The records of every batch behind ``stored``, or None where the start refuses."""
    generations = MemoryGenerations()
    await generations.mint(left.epoch)
    generations.newest.is_finished = False
    generations.newest.stored = stored
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    try:
        async with opened(generations, settings_in(folder), disk=CarelessDisk()) as journal:
            assert journal.generation == 1
            return [[each.body for each in batch.records] async for batch in journal.read(Position(1, stored))]
    except JournalForeign:
        return None
    except JournalRefused as refusal:
        assert str(folder) in str(refusal) or "Postgres" in str(refusal), f"no place is named: {refusal}"
        gone = [name for name in before if not (folder / name).exists() and name.endswith((".segment", "-wal", "ledger"))]
        assert not gone, f"refused, and yet {gone} were removed"
        return None


def whole_commits_behind(files: dict[str, bytes], written: dict[str, bytes], missing: int) -> int:
    """How many of the last ``missing`` commits are still whole, byte by byte, in the log that was being written."""
    name = next(name for name in written if name.endswith("-wal") and len(written[name]) > WAL_HEADER)
    was, now = written[name], files.get(name, b"")
    ends = [at for at in range(WAL_HEADER, len(was), FRAME) if was[at + 4 : at + 8] != bytes(4)]
    begins = [WAL_HEADER, *(at + FRAME for at in ends)]
    commits = [was[begin : end + FRAME] for begin, end in zip(begins, ends, strict=False)]
    return sum(_stands_in(now, begin, commit) for begin, commit in list(zip(begins, commits, strict=False))[-missing:])


def _stands_in(content: bytes, at: int, commit: bytes) -> bool:
    return content[at : at + len(commit)] == commit


def _seeds() -> list[bytes]:
    """One damage of each kind to each of the files, at two places."""
    return [
        bytes((0, file)) + place + bytes((way, 3, 0, 40, 1))
        for file in range(8)
        for way in range(8)
        for place in (b"\x00\x11", b"\x50\x03")
    ]


TARGETS = (
    Target(
        "damaged-journals",
        "a journal's files cut, flipped, zeroed, swapped or removed anywhere: everything is read, or the start refuses",
        damage_a_journal,
        _seeds(),
        ["persistence.journal"],
        short_examples=120,
    ),
)
