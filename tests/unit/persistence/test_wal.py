"""The rows on a page of SQLite's log: as SQLite writes them, and of pages that were written in part never one that is not there."""

import sqlite3
from pathlib import Path

from persistence.journal.wal import frames_of, rows_in_leaf

SECTOR = 512


def _pages(folder: Path, first: int, count: int) -> list[bytes]:
    """The frames of a log into which ``count`` rows were written, a commit each."""
    connection = sqlite3.connect(folder / "some", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE batches (number INTEGER PRIMARY KEY, records BLOB)")
    for number in range(first, first + count):
        connection.execute("INSERT INTO batches VALUES (?, ?)", (number, b"x" * 300))
    frames = frames_of(folder / "some-wal")
    pages = [frames._page(frame) for frame in frames.frames]
    connection.close()
    return pages


def test_a_leaf_names_its_rows(tmp_path: Path) -> None:
    pages = _pages(tmp_path, 16_380, 60)

    rows = [rows_in_leaf(page) for page in pages]

    assert {row for each in rows for row in each} == set(range(16_380, 16_440))
    assert max(rows[-1]) == 16_439


def test_a_leaf_written_in_part_names_no_row_beyond_its_last(tmp_path: Path) -> None:
    page = _pages(tmp_path, 16_380, 9)[-1]
    last = max(rows_in_leaf(page))
    for lost in range(1 << 8):
        torn = b"".join(
            bytes(SECTOR) if lost >> index & 1 else page[index * SECTOR : (index + 1) * SECTOR]
            for index in range(len(page) // SECTOR)
        )

        assert max(rows_in_leaf(torn), default=0) <= last
