"""The folder that forgets, and the recordings it is fed with: it must never lose what was synced, and must lose what was not."""

import random
from pathlib import Path

import pytest

from tests.drills.disk.calls import Began, Ended, read_calls
from tests.drills.disk.forgetful import ForgetfulFolder

SEEDS = range(60)


class Disk:
    """A recording made by hand, line by line as strace writes them."""

    def __init__(self, tmp_path: Path) -> None:
        self.tmp_path = tmp_path
        self.folder = tmp_path / "journal"
        self.lines: list[str] = []

    def call(self, text: str, thread: int = 7) -> None:
        self.lines.append(f"{thread}  1795607382.326463 {text.replace('JOURNAL', str(self.folder))}\n")

    def steps(self) -> list[Began | Ended]:
        log = self.tmp_path / "calls"
        log.write_text("".join(self.lines), encoding="latin-1")
        return list(read_calls(log))

    def left(self) -> list[dict[str, bytes]]:
        """What cuts at the end of the recording leave, one a seed."""
        forgetful = ForgetfulFolder(self.folder, is_new=True)
        for step in self.steps():
            forgetful.take(step)
        found = []
        for seed in SEEDS:
            target = self.tmp_path / str(seed)
            forgetful.after_a_cut(random.Random(seed), target)
            found.append({path.name: path.read_bytes() for path in target.iterdir()})
        return found


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def _create(disk: Disk, name: str) -> None:
    disk.call(f'openat(AT_FDCWD</tmp>, "JOURNAL/{name}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3<JOURNAL/{name}>')
    disk.call("fsync(4<JOURNAL>) = 0")


def test_calls_are_read_with_their_data_and_their_places(disk: Disk) -> None:
    disk.call(r'pwrite64(3<JOURNAL/a>, "\0\1\"\\x\n1<socket> \377", 11, 4096) = 11')
    disk.call("fdatasync(3<JOURNAL/a> <unfinished ...>")
    disk.call('write(5<socket:[77]>, "x", 1) = 1', thread=8)
    disk.call("<... fdatasync resumed>) = -1 EIO (Input/output error) (INJECTED)")

    steps = disk.steps()

    assert [type(step).__name__ for step in steps] == ["Began", "Ended", "Began", "Began", "Ended", "Ended"]
    assert steps[0].call.strings == (b'\0\1"\\x\n1<socket> \xff',)
    assert (steps[0].call.path, steps[0].call.numbers) == (f"{disk.folder}/a", "11, 4096")
    assert isinstance(steps[-1], Ended) and steps[-1].result == -1


def test_what_was_synced_is_always_there_and_what_was_not_may_be_gone(disk: Disk) -> None:
    _create(disk, "a")
    disk.call('pwrite64(3<JOURNAL/a>, "synced", 6, 0) = 6')
    disk.call("fdatasync(3<JOURNAL/a>) = 0")
    disk.call('pwrite64(3<JOURNAL/a>, "later", 5, 6) = 5')

    assert {left["a"] for left in disk.left()} == {b"synced", b"syncedlater"}


def test_a_sync_that_has_not_returned_or_failed_promises_nothing(disk: Disk) -> None:
    _create(disk, "a")
    disk.call('pwrite64(3<JOURNAL/a>, "one", 3, 0) = 3')
    disk.call("fdatasync(3<JOURNAL/a>) = -1 EIO (Input/output error) (INJECTED)")
    disk.call("fdatasync(3<JOURNAL/a> <unfinished ...>")

    assert {left["a"] for left in disk.left()} == {b"", b"one"}


def test_a_write_of_another_thread_during_a_sync_is_not_promised(disk: Disk) -> None:
    _create(disk, "a")
    disk.call('pwrite64(3<JOURNAL/a>, "one", 3, 0) = 3')
    disk.call("fdatasync(3<JOURNAL/a> <unfinished ...>")
    disk.call('pwrite64(3<JOURNAL/a>, "two", 3, 3) = 3', thread=8)
    disk.call("<... fdatasync resumed>) = 0")

    assert {left["a"] for left in disk.left()} == {b"one", b"onetwo"}


def test_sectors_of_an_unsynced_write_are_lost_one_by_one(disk: Disk) -> None:
    _create(disk, "a")
    disk.call(f'pwrite64(3<JOURNAL/a>, "{"x" * 2_048}", 2048, 0) = 2048')

    counts = {left["a"].count(b"x") for left in disk.left()}

    assert {0, 2_048} < counts and {count % 512 for count in counts} == {0}


def test_names_come_back_in_order_and_are_certain_with_their_folder(disk: Disk) -> None:
    _create(disk, "a")
    disk.call('openat(AT_FDCWD</tmp>, "JOURNAL/b", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3<JOURNAL/b>')
    disk.call('rename("JOURNAL/b", "JOURNAL/a") = 0')
    disk.call('unlink("JOURNAL/a") = 0')

    assert {tuple(sorted(left)) for left in disk.left()} == {("a",), ("a", "b"), ()}
