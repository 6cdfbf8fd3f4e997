"""Journals that must not be opened: damaged, missing, behind, ahead, somebody else's."""

import contextlib
import sqlite3
from itertools import pairwise
from pathlib import Path
from unittest import mock

import msgspec
import pytest

from domain.log import Position, StorageAway
from persistence.journal.refusals import JournalDamaged, JournalForeign, JournalIncomplete, JournalLocked, JournalMissing
from tests.support.journals import MemoryGenerations, crashed_copy
from tests.support.records import proposal
from tests.support.sqlite_journals import (
    ROOM,
    append,
    append_through_segments,
    crash_after,
    offsets_in,
    opened,
    settings_in,
    wal_of,
)


async def test_a_flipped_bit_in_a_finished_commit_is_refused_and_its_place_named(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 12)
    whole = wal_of(folder).read_bytes()
    end = len(whole) - 4_120
    for place in sorted({3, 9, 17, 26, 33, 40, 44, 50, *range(60, end, 4_999), end - 4_100, end - 1}):
        flipped = crashed_copy(folder, tmp_path / f"flipped-{place}")
        wal_of(flipped).write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])

        with pytest.raises(JournalDamaged, match=r"\.segment"):
            async with opened(generations, settings_in(flipped)):
                pass
        assert wal_of(flipped).exists(), "what was refused stays as it was found"


async def test_a_damaged_commit_does_not_pass_for_the_beginning_of_the_one_behind_it(
    generations: MemoryGenerations, tmp_path: Path
) -> None:
    """Both were acknowledged. The first is one frame, which no longer seems to be of this log, the second has no page of it."""
    async with opened(generations, settings_in(tmp_path / "journal")) as journal:
        ends, offset = [0], 0
        while len(splits := [end for before, end in pairwise(ends) if end - before > 4_120]) < 4:
            offset += 1
            await journal.append([proposal(ROOM, offset, text="x" * 900)])
            ends.append(wal_of(tmp_path / "journal").stat().st_size)
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    generations.newest.is_finished = False
    whole = wal_of(folder).read_bytes()
    assert splits[-1] == ends[-1] and ends[-2] - ends[-3] == 4_120
    for place in range(ends[-3] + 4, ends[-3] + 16):
        flipped = crashed_copy(folder, tmp_path / f"flipped-{place}")
        wal_of(flipped).write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])

        with pytest.raises(JournalDamaged, match=f"damaged at byte {ends[-3]}"):
            async with opened(generations, settings_in(flipped)):
                pass


async def test_a_flipped_bit_in_a_sealed_segment_names_the_batch(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)) as journal:
        await append(journal, 1)
        await journal.append([proposal(ROOM, 2, text="needle in the hay")])
    (segment,) = tmp_path.glob("*.segment")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b"needle in the hay", b"needle in the hax"))

    with pytest.raises(JournalDamaged, match="batch 2 is not as it was written"):
        async with opened(generations, settings_in(tmp_path)):
            pass


async def test_a_batch_that_damage_made_a_number_is_refused_as_damage(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)) as journal:
        await append(journal, 1, 2)
    (segment,) = tmp_path.glob("*.segment")
    with contextlib.closing(sqlite3.connect(segment, isolation_level=None)) as connection:
        connection.execute("UPDATE batches SET records = 7 WHERE number = 2")

    with pytest.raises(JournalDamaged, match="batch 2 is not as it was written"):
        async with opened(generations, settings_in(tmp_path)):
            pass


async def test_a_segment_whose_schema_is_no_text_is_refused_as_damage(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)) as journal:
        await append(journal, 1)
    (segment,) = tmp_path.glob("*.segment")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b"tablebatchesbatches", b"table\xed\xedtchesbatches"))

    with pytest.raises(JournalDamaged, match=r"\.segment"):
        async with opened(generations, settings_in(tmp_path)):
            pass


@pytest.mark.parametrize(
    ("was", "now"), [(b"[1]", b"[9]"), (b'"top":0', b'"top":9'), (b'"epoch":"', b'"epoch":"\xed'), (b"\n", b" ")]
)
async def test_a_ledger_that_is_not_as_it_was_written_is_refused_and_costs_no_segment(
    was: bytes, now: bytes, generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    ledger = folder / "ledger"
    assert was in ledger.read_bytes()
    ledger.write_bytes(ledger.read_bytes().replace(was, now))

    with pytest.raises(JournalDamaged, match="ledger"):
        async with opened(generations, settings_in(folder)):
            pass
    assert list(folder.glob("*.segment")), "what an unreadable ledger does not list may still be all there is"
    async with opened(generations, settings_in(folder), accept_loss=True) as journal:
        assert journal.generation == 2


async def test_a_ledger_from_before_it_had_a_checksum_is_read_once_more(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    ledger = folder / "ledger"
    line = ledger.read_bytes().splitlines()[0]
    ledger.write_bytes(msgspec.json.format(line))

    async with opened(generations, settings_in(folder)) as journal:
        assert await offsets_in(journal) == [1, 2, 3]
    assert ledger.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("gone", ["*.segment-wal", "*.segment", "ledger"])
async def test_a_file_that_is_gone_is_refused(gone: str, generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    for path in folder.glob(gone):
        path.unlink()

    with pytest.raises(JournalDamaged):
        async with opened(generations, settings_in(folder)):
            pass


async def test_an_older_ledger_is_refused_and_costs_no_segment(generations: MemoryGenerations, tmp_path: Path) -> None:
    ledger = tmp_path / "journal" / "ledger"
    async with opened(generations, settings_in(tmp_path / "journal", segment_bytes=1)) as journal:
        for offset in range(1, 7):
            await append(journal, offset)
            assert journal._rotation is not None
            await journal._rotation
            if offset == 3:
                older = ledger.read_bytes()
        folder = crashed_copy(tmp_path / "journal", tmp_path / "crashed")
    generations.newest.is_finished, generations.newest.stored = False, 2
    (folder / "ledger").write_bytes(older)
    before = sorted(folder.glob("*.segment"))

    with pytest.raises(JournalDamaged, match="goes up to batch 6, and the ledger does not list it and ends at 4"):
        async with opened(generations, settings_in(folder)):
            pass
    assert sorted(folder.glob("*.segment")) == before


async def test_what_is_refused_costs_no_unlisted_segment_either(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    generations.newest.stored = 9
    unlisted = folder / "00000002.segment"
    unlisted.touch()

    with pytest.raises(JournalIncomplete):
        async with opened(generations, settings_in(folder)):
            pass
    assert unlisted.exists()


async def test_a_database_that_is_too_old_for_the_journal_is_refused(generations: MemoryGenerations, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, segment_bytes=2_000, keep_s=0.0)
    async with opened(generations, settings) as journal:
        await append_through_segments(journal, range(1, 31))
        await journal.trim(Position(journal.generation, 20))
    generations.newest.stored = 2

    with pytest.raises(JournalIncomplete, match="batches 3 to"):
        async with opened(generations, settings):
            pass


async def test_a_journal_behind_its_database_is_refused(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    generations.newest.stored = 9

    with pytest.raises(JournalIncomplete, match="older copy"):
        async with opened(generations, settings_in(folder)):
            pass


async def test_a_missing_journal_is_refused_until_the_loss_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    await crash_after(generations, tmp_path, 3)
    elsewhere = settings_in(tmp_path / "elsewhere")
    with pytest.raises(JournalMissing):
        async with opened(generations, elsewhere):
            pass

    async with opened(generations, elsewhere, accept_loss=True) as journal:
        assert (journal.generation, journal.top.number) == (2, 0)
        assert "generation 1" in generations.newest.loss
        assert journal.epoch != generations.all[0].epoch


async def test_a_damaged_journal_is_set_aside_when_its_loss_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    wal_of(folder).unlink()

    async with opened(generations, settings_in(folder), accept_loss=True) as journal:
        await append(journal, 1)
        assert journal.generation == 2
    assert list((folder / "given-up-before-2").glob("*.segment"))


@pytest.mark.parametrize("in_the_way", ["given-up", "given-up-before-2"])
async def test_an_accepted_loss_that_was_broken_off_can_be_accepted_again(
    in_the_way: str, generations: MemoryGenerations, tmp_path: Path
) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    wal_of(folder).unlink()
    (folder / in_the_way).touch()  # a full disk, say, takes no folder either
    with pytest.raises(OSError, match=in_the_way):
        async with opened(generations, settings_in(folder), accept_loss=True):
            pass
    (folder / in_the_way).unlink()

    async with opened(generations, settings_in(folder), accept_loss=True) as journal:
        await append(journal, 1)
        assert await offsets_in(journal) == [1]
    assert list(folder.glob("given-up-before-*/*.segment"))


async def test_a_loss_that_postgres_did_not_take_can_be_accepted_again(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)
    wal_of(folder).unlink()

    async def away(epoch: str, loss: str = "") -> int:
        raise StorageAway("as the test wants it")

    with mock.patch.object(generations, "mint", away), pytest.raises(StorageAway):
        async with opened(generations, settings_in(folder), accept_loss=True):
            pass

    with pytest.raises(JournalMissing):
        async with opened(generations, settings_in(folder)):
            pass
    async with opened(generations, settings_in(folder), accept_loss=True) as journal:
        assert journal.generation == 2
    assert list((folder / "given-up-before-2").glob("*.segment"))


async def test_another_databases_journal_is_refused_whatever_is_accepted(generations: MemoryGenerations, tmp_path: Path) -> None:
    folder = await crash_after(generations, tmp_path, 3)

    for other in (MemoryGenerations(), await _with_one_generation()):
        with pytest.raises(JournalForeign):
            async with opened(other, settings_in(folder), accept_loss=True):
                pass


async def _with_one_generation() -> MemoryGenerations:
    generations = MemoryGenerations()
    await generations.mint("another epoch")
    return generations


async def test_one_folder_has_one_server(generations: MemoryGenerations, tmp_path: Path) -> None:
    async with opened(generations, settings_in(tmp_path)):
        with pytest.raises(JournalLocked):
            async with opened(generations, settings_in(tmp_path)):
                pass
