"""What everybody in one course shares: the seed's draws, the clocks, what was done to the node, and the trace of all of it."""

import hashlib
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

from tests.simulation.loop import SimLoop

BASE_MS: Final = 1_795_222_800_000
TURNS_MAX: Final = 400_000


class Weather(NamedTuple):
    """How much is done to one course, and how large it is; all of it follows from the seed."""

    storm_s: float
    clients: int
    rooms: int
    give_every_s: float
    fault_every_s: float
    line_cut: float
    """Chance that a call to the database breaks its line, while the storm lasts."""
    commits_elsewhere: bool
    """The journal is committed beside the loop, not on it."""
    segment_bytes: int
    ring_events: int
    batch_records: int
    token_s: float
    """How long tokens are good for; 0 for ever."""


class World:
    """Made once per seed. ``draw`` gives everyone their own draws, so that one who draws more changes nobody else's."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.loop = SimLoop(self.draw("loop"), TURNS_MAX)
        self.weather = _weather(self.draw("weather"))
        self.faults: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.is_calm = False
        """The storm is over: nothing is done to anybody any more."""
        self.wall_shift_ms = 0
        self.is_stored: Callable[[str, int], bool] = lambda room, offset: False
        """Whether Postgres has committed the event at this offset."""
        self.root = ""
        """Where the files of this course are: no two courses have the same, so it stands in no complaint."""
        self.lines: list[str] | None = None
        """The trace in words, where somebody wants to read it."""
        self._trace = hashlib.blake2b(digest_size=16)

    def draw(self, of: str) -> Random:
        return Random(f"{self.seed}/{of}")

    def wall_ms(self) -> int:
        return BASE_MS + int(self.loop.time() * 1_000) + self.wall_shift_ms

    def client_ms(self) -> int:
        """The clock of everybody else, which nobody sets."""
        return BASE_MS + int(self.loop.time() * 1_000)

    def fault(self, kind: str) -> None:
        self.faults[kind] += 1
        self.note(f"fault {kind}")

    def note(self, what: str) -> None:
        line = f"{self.loop.time():.7f} {what}"
        self._trace.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)

    def complain(self, what: str) -> None:
        what = what.replace(self.root, "") if self.root else what
        self.note(f"complaint {what}")
        if what not in self.complaints:
            self.complaints.append(what)

    @property
    def trace(self) -> str:
        return self._trace.hexdigest()


def _weather(rng: Random) -> Weather:
    return Weather(
        storm_s=rng.uniform(1.5, 6.0),
        clients=rng.randint(2, 4),
        rooms=rng.randint(1, 2),
        give_every_s=rng.choice([0.06, 0.15, 0.4]),
        fault_every_s=rng.choice([0.15, 0.4, 1.0]),
        line_cut=rng.choice([0.0, 0.005, 0.03]),
        commits_elsewhere=rng.random() < 0.6,
        segment_bytes=rng.choice([6_000, 30_000, 1_000_000]),
        ring_events=rng.choice([4, 20, 1_000]),
        batch_records=rng.choice([3, 50, 2_000]),
        token_s=rng.choice([0.0, 0.0, 3.0]),
    )
