"""The frames of an SQLite write-ahead log, by their headers alone (https://sqlite.org/fileformat2.html, "The Write-Ahead Log")."""

import struct
from pathlib import Path
from typing import NamedTuple

from persistence.journal.refusals import JournalDamaged

_HEADER = 32
_FRAME_HEADER = 24
_MAGIC = (0x377F0682, 0x377F0683)


class Frame(NamedTuple):
    """``pages_after`` is the database's size for the last frame of a commit, 0 for every other."""

    at_byte: int
    page: int
    pages_after: int
    is_of_this_log: bool


class Frames(NamedTuple):
    path: Path
    frames: tuple[Frame, ...]

    def demand_only_unfinished_behind(self, commits: int) -> None:
        """SQLite saw ``commits`` commits: behind them at most one may stand, unfinished. Raises ``JournalDamaged``."""
        behind = self._behind(commits)
        ours = [frame for frame in behind if frame.is_of_this_log]
        ends = [frame for frame in ours if frame.pages_after]
        pages = [frame.page for frame in ours]
        # One commit writes each page once, and its last frame says so: a second end or the same page again is a second commit.
        is_one_commit = not ends or (len(ends) == 1 and ends[0] is behind[-1])
        if not is_one_commit or len(set(pages)) != len(pages):
            raise JournalDamaged(f"{self.path}: damaged at byte {behind[0].at_byte}, with finished commits behind it")

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
    return Frames(path, tuple(frames))
