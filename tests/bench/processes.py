"""Processes of a benchmark: pinned to a core, asked for what they cost."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER_CORE, LOAD_CORE = 0, 1
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def can_pin() -> bool:
    """Whether there are two cores to keep server and load apart."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) >= 2


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def pin_tree(pid: int) -> None:
    """The process and its children on the server's core, its Postgres on the other one: that is not counted."""
    for member in tree_of(pid):
        core = cores()[LOAD_CORE] if _name_of(member) == "postgres" else cores()[SERVER_CORE]
        for thread in _threads_of(member):
            _set_affinity(thread, {core})


def pin_load(pid: int) -> None:
    """A load generator on its own core, away from the server."""
    for thread in _threads_of(pid):
        _set_affinity(thread, {cores()[LOAD_CORE]})


def unpin_tree(pid: int) -> None:
    for member in tree_of(pid):
        for thread in _threads_of(member):
            _set_affinity(thread, set(cores()))


def cpu_s(pid: int) -> float:
    """Processor seconds of the process and its children so far, Postgres left out."""
    return sum(_cpu_of(member) for member in tree_of(pid) if _name_of(member) != "postgres")


def resident_bytes(pid: int) -> int:
    """Memory of the process and its children, Postgres left out."""
    return sum(_resident_of(member) for member in tree_of(pid) if _name_of(member) != "postgres")


def tree_of(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent_of(int(entry.name))):
            children.setdefault(parent, []).append(int(entry.name))
    return list(_walk(pid, children))


def _walk(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _walk(child, children)


def _stat_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent_of(pid: int) -> int:
    stat = _stat_of(pid)
    return int(stat[1]) if stat else 0


def _cpu_of(pid: int) -> float:
    """In nanoseconds where the kernel keeps them, else in its ticks of 10 ms. Threads that have ended are in the ticks alone."""
    try:
        return sum(int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0]) for thread in _threads_of(pid)) / 1e9
    except (OSError, IndexError):
        stat = _stat_of(pid)
        return (int(stat[11]) + int(stat[12])) / _TICKS_PER_S if stat else 0.0


def _name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _resident_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _threads_of(pid: int) -> list[int]:
    try:
        return [int(entry.name) for entry in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []


def _set_affinity(thread: int, to: set[int]) -> None:
    try:
        os.sched_setaffinity(thread, to)
    except ProcessLookupError:
        return
