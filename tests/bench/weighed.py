"""The server with a scale in it: on SIGUSR1 it writes how many objects of each type there are and what they weigh.

python -m tests.bench.weighed serve
"""

import gc
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import msgspec

from server import cli

COMMAND = ("-m", "tests.bench.weighed", "serve")
REPORT = "objects.json"


class Weight(NamedTuple):
    objects: int
    size: int


def weigh() -> dict[str, Weight]:
    """Everything that the garbage collector knows, and what that holds without its knowing (texts, numbers, leaf structs)."""
    gc.collect()
    gc.unfreeze()
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    seen: set[int] = set()
    tracked = gc.get_objects()
    for found in tracked:
        for each in (found, *gc.get_referents(found)):
            if (each is not found and gc.is_tracked(each)) or id(each) in seen:
                continue
            seen.add(id(each))
            name = f"{type(each).__module__}.{type(each).__qualname__}"
            counts[name] += 1
            sizes[name] += sys.getsizeof(each)
    return {name: Weight(count, sizes[name]) for name, count in counts.items()}


def _write(number: int, frame: FrameType | None) -> None:
    report = Path(os.environ["DATA"], REPORT)
    unfinished = report.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(weigh()))
    unfinished.rename(report)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _write)
    cli.main()
