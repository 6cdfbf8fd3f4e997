"""The ledger: which segments make up the journal, and of which generation. A small file, always replaced as a whole.

A segment counts only once it is listed, and it is listed before its first append; what is listed and not there is damage.
"""

from pathlib import Path

import msgspec

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
        return msgspec.json.decode(content, type=Ledger)
    except msgspec.MsgspecError as error:
        raise JournalDamaged(f"{path} cannot be read ({error}): bring it back, or start with --accept-loss") from error


def write_ledger(disk: Disk, folder: Path, ledger: Ledger) -> None:
    disk.write_file(folder / LEDGER_NAME, msgspec.json.format(msgspec.json.encode(ledger)))


def sweep(disk: Disk, folder: Path, ledger: Ledger) -> None:
    """Remove segments that a crash left unlisted: none of them holds anything that was acknowledged."""
    listed = {segment_path(folder, ordinal).name for ordinal in ledger.segments}
    for path in list(folder.glob("*.segment*")):
        if path.name.partition(".segment")[0] + ".segment" not in listed:
            disk.remove(path)
    disk.sync_folder(folder)
