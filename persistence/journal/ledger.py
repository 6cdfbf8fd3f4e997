"""The ledger: which segments make up the journal, and of which generation. A small file, always replaced as a whole.

A segment counts only once it is listed, and it is listed before its first append; what is listed and not there is damage.
"""

import hashlib
from pathlib import Path

import msgspec

from domain.event_codec import UNREADABLE
from persistence.journal.disk import Disk
from persistence.journal.refusals import JournalDamaged

LEDGER_NAME = "ledger"


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """``top`` is a lower bound of the journal's top: what was appended when the ledger was written. ``segments`` are ordinals."""

    generation: int
    epoch: str
    segments: tuple[int, ...]
    top: int


def segment_path(folder: Path, ordinal: int) -> Path:
    return folder / f"{ordinal:08d}.segment"


def wal_path(segment: Path) -> Path:
    return segment.with_name(segment.name + "-wal")


def files_of(segment: Path) -> tuple[Path, ...]:
    """What SQLite may keep of one segment."""
    return wal_path(segment), segment.with_name(segment.name + "-shm"), segment


def read_ledger(folder: Path) -> Ledger | None:
    """None where there never was a journal. Raises ``JournalDamaged``."""
    path = folder / LEDGER_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        orphans = sorted(folder.glob("*.segment"))
        if orphans:
            raise JournalDamaged(
                f"{path} is missing beside {orphans[0].name}: bring it back, or start with --accept-loss"
            ) from None
        return None
    try:
        ledger = _read(content)
    except UNREADABLE as error:
        raise JournalDamaged(f"{path} cannot be read ({error}): bring it back, or start with --accept-loss") from error
    if ledger is None:
        raise JournalDamaged(f"{path} is not as it was written: bring it back, or start with --accept-loss")
    return ledger


def _read(content: bytes) -> Ledger | None:
    """None where the checksum is not the line's. Segments that no ledger lists are removed, so one wrong digit is too much."""
    line, _, checksum = content.partition(b"\n")
    if checksum == _checksum(line) + b"\n":
        return msgspec.json.decode(line, type=Ledger)
    # Without a checksum, as the first journals had it: on lines of its own, which no cut of today's form looks like.
    ledger = msgspec.json.decode(content, type=Ledger)
    return ledger if content == msgspec.json.format(msgspec.json.encode(ledger)) else None


def write_ledger(disk: Disk, folder: Path, ledger: Ledger) -> None:
    line = msgspec.json.encode(ledger)
    disk.write_file(folder / LEDGER_NAME, b"%b\n%b\n" % (line, _checksum(line)))


def _checksum(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=16).hexdigest().encode()


def sweep(disk: Disk, folder: Path, ledger: Ledger) -> None:
    """Remove segments that a crash left unlisted: none of them holds anything that was acknowledged."""
    listed = {segment_path(folder, ordinal).name for ordinal in ledger.segments}
    for path in list(folder.glob("*.segment*")):
        if path.name.partition(".segment")[0] + ".segment" not in listed:
            disk.remove(path)
    disk.sync_folder(folder)
