"""A recording of strace, read: what was called, in the order in which it began and ended."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LINE = re.compile(r"(\d+) +(\d+\.\d+) (?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))", re.DOTALL)
_DESCRIPTOR = re.compile(r"(?:\w+)<([^>]*)>(\(deleted\))?")
_STRING = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"')
_UNFINISHED = "<unfinished ...>"


class Call(NamedTuple):
    """``path`` is what the descriptor stands for, "" of a file that was removed; ``strings`` what was written, or the names."""

    thread: int
    at_s: float
    name: str
    path: str
    strings: tuple[bytes, ...]
    numbers: str
    """What stands behind the last string: lengths, flags, offsets."""


class Began(NamedTuple):
    """From here on the call may have had its effect."""

    call: Call


class Ended(NamedTuple):
    """From here on it has had its effect, if ``result`` is no error (-1)."""

    call: Call
    result: int


def read_calls(log: Path) -> Iterator[Began | Ended]:
    """Calls that were under way when the process ended have no ``Ended``. Clocks are those of ``time.time``."""
    under_way: dict[int, Call] = {}
    with open(log, encoding="latin-1", newline="\n") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue  # signals and ends
            thread = int(found[1])
            if found[3]:
                call = under_way[thread] = _call(thread, float(found[2]), found[3], found[4])
                yield Began(call)
                is_whole = _UNFINISHED not in found[4][-40:]
            else:
                is_whole = True
            if is_whole and thread in under_way:
                yield Ended(under_way.pop(thread), _result(found[4] or found[6]))


def _call(thread: int, at_s: float, name: str, rest: str) -> Call:
    described = _DESCRIPTOR.match(rest)
    path = described[1] if described and not described[2] else ""
    first, last = rest.find('"'), rest.rfind('"')
    if first < 0:
        return Call(thread, at_s, name, path, (), _rest_of(rest.partition(",")[2]))
    # Speed: pages are long, and a call with one string needs no search for its end.
    texts = [rest[first + 1 : last]] if name in ("pwrite64", "write") else _STRING.findall(rest)
    return Call(thread, at_s, name, path, tuple(_bytes(text) for text in texts), _rest_of(rest[last + 1 :]))


def _rest_of(text: str) -> str:
    return text.partition(")")[0].partition("<")[0].strip(", \n")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def _result(rest: str) -> int:
    told = rest.rpartition(" = ")[2].split("<")[0].split()[0]
    return int(told) if told.lstrip("-").isdigit() else -1  # "?" of a call that the process did not live to see
