"""A folder on a disk that forgets: rebuilt from a recording as a power cut at any moment might have left it.

What was synced is there. Of what was written since, some seeded part is: none, all, what came first, single pages of 4,096 bytes,
or single sectors of 512. Names (created, renamed, removed) come back in their order up to some place, as journalling file systems
keep them, at least up to the folder's last sync. Data and names know nothing of each other.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.drills.disk.calls import Began, Call, Ended

PAGE, SECTOR = 4_096, 512


class Write(NamedTuple):
    """A change of one file: ``data`` at ``offset``, or, without data, a new length."""

    call: Call
    offset: int
    data: bytes | None


class File(msgspec.Struct):
    """``synced`` survives any cut; ``since`` may. ``written`` is where a write without an offset goes."""

    synced: bytearray = msgspec.field(default_factory=bytearray)
    since: list[Write] = msgspec.field(default_factory=list)
    written: int = 0


class Renaming(NamedTuple):
    """Names that stand for another file now, or for none."""

    call: Call
    names: Mapping[str, File | None]


class ForgetfulFolder:
    """Fed with all calls in their order by ``take``; those of other folders are passed over."""

    def __init__(self, folder: Path, *, is_new: bool = False) -> None:
        """``folder`` as it is now counts as synced; with ``is_new`` the recording begins before there was anything in it."""
        self._folder = str(folder)
        there = [] if is_new else [path for path in folder.glob("*") if path.is_file()]
        self._synced_names = {path.name: File(synced=bytearray(path.read_bytes())) for path in there}
        self._names = dict(self._synced_names)
        self._renamings: list[Renaming] = []
        self._under_way: dict[int, Call] = {}
        self._covered: dict[int, int] = {}
        self.writes = self.syncs = 0

    @property
    def unsynced(self) -> int:
        return sum(len(file.since) for file in self._names.values()) + len(self._renamings)

    def concerns(self, call: Call) -> bool:
        names = call.strings if call.name not in ("pwrite64", "write", "writev") else ()
        return call.path == self._folder or any(self._name(path) for path in (call.path, *(name.decode() for name in names)))

    def take(self, step: Began | Ended) -> None:
        call = step.call
        is_sync = call.name in ("fsync", "fdatasync")
        if isinstance(step, Began):
            if is_sync:
                self._covered[call.thread] = self._so_far(call)
            else:
                self._under_way[call.thread] = call
                self._change(call)
            return
        self._under_way.pop(call.thread, None)
        if is_sync and step.result == 0:
            self._sync(call, self._covered.pop(call.thread))

    def _name(self, path: str) -> str:
        """The name in this folder, "" elsewhere."""
        folder, _, name = path.rpartition("/")
        return name if folder == self._folder else ""

    def _change(self, call: Call) -> None:
        match call.name:
            case "pwrite64" | "write" | "writev":
                if file := self._names.get(self._name(call.path)):
                    self._write(file, call)
            case "ftruncate":
                if file := self._names.get(self._name(call.path)):
                    file.since.append(Write(call, int(call.numbers), None))
            case "open" | "openat" if "O_CREAT" in call.numbers:
                self._create(self._name(call.strings[0].decode()), call)
            case "rename" | "renameat" | "renameat2" | "link" | "linkat" | "unlink" | "unlinkat":
                self._rename(call)

    def _write(self, file: File, call: Call) -> None:
        data = b"".join(call.strings)
        offset = file.written
        if call.name == "pwrite64":
            offset = int(call.numbers.rpartition(",")[2])
        else:
            file.written += len(data)
        self.writes += 1
        file.since.append(Write(call, offset, data))

    def _create(self, name: str, call: Call) -> None:
        if not name:
            return
        file = self._names.get(name)
        if file is None:
            self._put(call, {name: File()})
        elif "O_TRUNC" in call.numbers:
            file.written = 0
            file.since.append(Write(call, 0, None))

    def _rename(self, call: Call) -> None:
        first, *others = [self._name(path.decode()) for path in call.strings]
        if not first or first not in self._names:
            return  # elsewhere, or it fails
        target = {others[0]: self._names[first]} if others and others[0] else {}
        source: dict[str, File | None] = {} if call.name.startswith("link") else {first: None}
        self._put(call, {**source, **target})

    def _put(self, call: Call, names: Mapping[str, File | None]) -> None:
        self._renamings.append(Renaming(call, names))
        _apply(names, self._names)

    def _so_far(self, call: Call) -> int:
        """How many of the changes that the sync is about have ended: those it makes durable."""
        running = list(self._under_way.values())
        changes: Sequence[Renaming | Write] = self._renamings if call.path == self._folder else self._since(call)
        return next((index for index, change in enumerate(changes) if change.call in running), len(changes))

    def _since(self, call: Call) -> list[Write]:
        file = self._names.get(self._name(call.path))
        return file.since if file else []

    def _sync(self, call: Call, count: int) -> None:
        if call.path == self._folder:
            for renaming in self._renamings[:count]:
                _apply(renaming.names, self._synced_names)
            del self._renamings[:count]
        elif file := self._names.get(self._name(call.path)):
            self.syncs += 1
            for write in file.since[:count]:
                _lay(file.synced, write.offset, write.data)
            del file.since[:count]

    def after_a_cut(self, rng: random.Random, target: Path) -> None:
        """Write the folder as a power cut at this moment might have left it."""
        names = dict(self._synced_names)
        for renaming in self._renamings[: rng.randint(0, len(self._renamings))]:
            _apply(renaming.names, names)
        target.mkdir(mode=0o700)
        for name, file in names.items():
            (target / name).write_bytes(_left_of(file, rng))


def _apply(changed: Mapping[str, File | None], names: dict[str, File]) -> None:
    for name, file in changed.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file


def _lay(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _left_of(file: File, rng: random.Random) -> bytes:
    content = bytearray(file.synced)
    way = rng.choice(("none", "all", "first", "pages", "sectors"))
    if way == "none":
        return bytes(content)
    kept = file.since[: rng.randint(0, len(file.since))] if way == "first" else file.since
    block = {"pages": PAGE, "sectors": SECTOR}.get(way, 0)
    survives: dict[int, bool] = {}
    for write in kept:
        if write.data is None or not block:
            _lay(content, write.offset, write.data)
            continue
        for start in range(write.offset - write.offset % block, write.offset + len(write.data), block):
            # A block of the file is kept or lost as a whole, whichever of the writes have touched it.
            if survives.setdefault(start, rng.random() < 0.5):
                low, high = max(start, write.offset), min(start + block, write.offset + len(write.data))
                _lay(content, low, write.data[low - write.offset : high - write.offset])
    return bytes(content)
