"""The frames of an SQLite write-ahead log, by their headers, and the rows on their pages (https://sqlite.org/fileformat2.html)."""

import struct
from pathlib import Path
from typing import NamedTuple

from persistence.journal.refusals import JournalDamaged

_HEADER = 32
_FRAME_HEADER = 24
_TABLE_LEAF, _LEAF_HEADER = 0x0D, 8
_MAGIC = (0x377F0682, 0x377F0683)


class Frame(NamedTuple):
    """``pages_after`` is the database's size for the last frame of a commit, 0 for every other."""

    at_byte: int
    page: int
    pages_after: int
    is_of_this_log: bool


class Frames(NamedTuple):
    path: Path
    page_size: int
    frames: tuple[Frame, ...]

    def demand_only_unfinished_behind(self, commits: int, last_row: int) -> None:
        """SQLite saw ``commits`` commits, the last row ``last_row`` (0: none): behind them at most one commit of one row may stand,
        unfinished. Raises ``JournalDamaged``."""
        behind = self._behind(commits)
        ours = [frame for frame in behind if frame.is_of_this_log]
        ends = [frame for frame in ours if frame.pages_after]
        pages = [frame.page for frame in ours]
        # One commit writes each page once, and its last frame says so: a second end or the same page again is a second commit.
        is_one_commit = not ends or (len(ends) == 1 and ends[0] is behind[-1])
        # Two commits may have no page in common, and the first may hide its end: then the second one's row says so.
        rows = {row for frame in ours for row in rows_in_leaf(self._page(frame))}
        is_one_row = not rows or max(rows) <= (last_row or min(rows) - 1) + 1
        if not is_one_commit or not is_one_row or len(set(pages)) != len(pages):
            raise JournalDamaged(f"{self.path}: damaged at byte {behind[0].at_byte}, with finished commits behind it")

    def _page(self, frame: Frame) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(frame.at_byte + _FRAME_HEADER)
            return file.read(self.page_size)

    def _behind(self, commits: int) -> tuple[Frame, ...]:
        seen = 0
        for index, frame in enumerate(self.frames):
            if seen == commits:
                return self.frames[index:]
            seen += bool(frame.is_of_this_log and frame.pages_after)
        if seen < commits:
            raise JournalDamaged(f"{self.path}: {commits} commits were read, but only {seen} are marked")
        return ()


def frames_of(path: Path) -> Frames:
    """Raises ``JournalDamaged`` where not even the header can be read."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER or int.from_bytes(header[:4], "big") not in _MAGIC:
            raise JournalDamaged(f"{path}: damaged at byte 0, the header of the log")
        page_size = int.from_bytes(header[8:12], "big")
        salts = header[16:24]
        frames: list[Frame] = []
        for at_byte in range(_HEADER, size - _FRAME_HEADER - page_size + 1, _FRAME_HEADER + page_size):
            file.seek(at_byte)
            page, pages_after, frame_salts = struct.unpack(">II8s", file.read(16))
            frames.append(Frame(at_byte, page, pages_after, frame_salts == salts))
    return Frames(path, page_size, tuple(frames))


def rows_in_leaf(page: bytes) -> list[int]:
    """The row ids on a leaf of a table, none on other pages. Of a page that was written in part: those that can be read."""
    if page[0] != _TABLE_LEAF:
        return []
    count = int.from_bytes(page[3:5], "big")
    cells_from = _LEAF_HEADER + 2 * count
    rows = []
    for at in range(_LEAF_HEADER, min(cells_from, len(page)), 2):
        cell = int.from_bytes(page[at : at + 2], "big")
        if cells_from <= cell < len(page):
            length, behind = _varint(page, cell)
            row, _ = _varint(page, behind)
            if length and row:  # zeros were never written
                rows.append(row)
    return rows


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """The number at this byte, and where it ends."""
    value = 0
    for behind in range(at, min(at + 8, len(page))):
        value = value << 7 | page[behind] & 0x7F
        if page[behind] < 0x80:
            return value, behind + 1
    return 0, len(page)  # numbers of nine bytes are none of ours
