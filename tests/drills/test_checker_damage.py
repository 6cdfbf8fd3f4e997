"""The judge against made-up histories: what an honest server leaves is clean, and whatever is then damaged is named."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drills.checker import Kind, judge
from tests.drills.history import Acked, Barred, ClientLog, Entered, Entry, History, Received, Refused, Sent, StoredEvent, event_id

EPOCH = "e1"
ROOMS = ("workspace:a", "share:b")
CLIENTS = 3
STEP_NS = 1_000

Acts = Sequence[tuple[int, int, str]]


class HonestServer:
    """A model as small as can be: logs of rooms, clients that read them at their own pace, and answers that may get lost."""

    def __init__(self) -> None:
        self.logs = [ClientLog(f"client {number}", f"actor-{number}") for number in range(CLIENTS)]
        self.rows: dict[str, list[StoredEvent]] = {room: [] for room in ROOMS}
        self._read: dict[tuple[int, str], int] = {}
        self._now_ns = 0
        self._commands = 0

    @property
    def history(self) -> History:
        return History(logs=self.logs, stored=[row for rows in self.rows.values() for row in rows], rooms=ROOMS)

    def act(self, who: int, room: str, what: str) -> None:
        self._now_ns += STEP_NS
        match what:
            case "read" if (who, room) in self._read:
                self._deliver(who, room, 1)
            case "read" | "view":
                self._show(who, room)
            case "resume" if (who, room) in self._read:
                self._resume(who, room)
            case "give" | "repeat" | "unanswered" | "vanished" | "refused":
                self._give(who, room, what)

    def _deliver(self, who: int, room: str, most: int) -> None:
        at = self._read[who, room]
        for row in self.rows[room][at : at + most]:
            self.logs[who].entries.append(Received(room, row.offset, row.event_id, row.offset * 1_000))
            self._read[who, room] = row.offset

    def _show(self, who: int, room: str) -> None:
        rows = self.rows[room]
        shown = tuple((row.offset, row.event_id) for row in rows[-2:])
        self.logs[who].entries.append(Entered(room, EPOCH, len(rows), False, shown, self._now_ns))
        self._read[who, room] = len(rows)

    def _resume(self, who: int, room: str) -> None:
        top = len(self.rows[room])
        self.logs[who].entries.append(Entered(room, EPOCH, self._read[who, room], True, (), self._now_ns, top))
        self._deliver(who, room, top)

    def _give(self, who: int, room: str, how: str) -> None:
        self._commands += 1
        log, command_id = self.logs[who], made_up(self._commands)
        sent = Sent(room, command_id, self._now_ns, f"words {self._commands}")
        log.entries.append(sent)
        if how == "refused":
            log.entries.append(Refused(room, command_id, 410))
        elif how != "vanished":
            row = StoredEvent(room, len(self.rows[room]) + 1, EPOCH, log.actor, command_id, 0, sent.words)
            self.rows[room].append(row)
            if how == "repeat":
                log.entries.append(sent._replace(at_ns=self._now_ns + 1))
            if how != "unanswered":
                log.entries.append(Acked(room, command_id, row.offset, EPOCH, (row.event_id,), self._now_ns + 2))


def made_up(number: int) -> str:
    return f"019abb2e-0000-7000-8000-{number:012d}"


ACTS = st.lists(
    st.tuples(
        st.integers(0, CLIENTS - 1),
        st.integers(0, len(ROOMS) - 1),
        st.sampled_from(("read", "view", "resume", "give", "give", "repeat", "unanswered", "vanished", "refused")),
    ),
    min_size=5,
    max_size=60,
)


def honest(acts: Acts) -> History:
    server = HonestServer()
    for who, room, what in acts:
        server.act(who, ROOMS[room], what)
    return server.history


@given(ACTS)
@settings(max_examples=300, deadline=None)
def test_what_an_honest_server_leaves_is_clean(acts: Acts) -> None:
    verdict = judge(honest(acts))

    assert verdict.is_clean, str(verdict)


# Damages: each does one thing to a history and says what that is called; those that the history has no place for are left out.


class Damage(NamedTuple):
    called: Kind
    do: Callable[[], object]


def damages(history: History, rng: random.Random) -> list[Damage]:
    stored = list(history.stored)
    history.stored = stored
    return [*_of_rows(stored, history.logs, rng), *_of_readers(history, rng), *_of_rights(history, rng)]


def _of_rows(stored: list[StoredEvent], logs: Sequence[ClientLog], rng: random.Random) -> list[Damage]:
    acked = {entry.command_id for log in logs for entry in log.entries if isinstance(entry, Acked)}
    given = [entry.command_id for log in logs for entry in log.entries if isinstance(entry, Sent)]
    surely = [row for row in stored if row.command_id in acked]
    once = [row for row in surely if given.count(row.command_id) == 1]
    unsure = [row for row in stored if row.command_id not in acked or given.count(row.command_id) > 1]
    inner = [row for row in stored if row.offset < _top(stored, row.room)]
    found = []
    if surely:
        row = rng.choice(surely)
        found.append(Damage("lost", lambda: stored.remove(row)))
        found.append(Damage("reordered", lambda: stored.__setitem__(stored.index(row), row._replace(offset=row.offset + 100))))
        found.append(Damage("invented", lambda: stored.append(_behind(stored, row, command_id=made_up(999), words=""))))
    if once:
        twice = rng.choice(once)
        found.append(Damage("doubled", lambda: stored.append(_behind(stored, twice))))
    if unsure:
        again = rng.choice(unsure)
        found.append(Damage("ran_twice", lambda: stored.append(_behind(stored, again))))
        found.append(Damage("ran_twice", lambda: stored.append(_behind(stored, again, command_id=made_up(999)))))
    if inner:
        gone = rng.choice(inner)
        found.append(Damage("hole", lambda: stored.remove(gone)))
    for log in logs:
        for entry in log.entries:
            if isinstance(entry, Refused):
                refused = StoredEvent(entry.room, _top(stored, entry.room) + 1, EPOCH, log.actor, entry.command_id, 0)
                found.append(Damage("invented", partial(stored.append, refused)))
    return found


def _of_readers(history: History, rng: random.Random) -> list[Damage]:
    stored, found = history.stored, []
    for log in history.logs:
        places = [number for number, entry in enumerate(log.entries) if isinstance(entry, Received)]
        if not places:
            continue
        entries, at = log.entries, rng.choice(places)
        one = entries[at]
        assert isinstance(one, Received)
        others = [row.event_id for row in stored if row.room == one.room and row.offset != one.offset]
        unheard = one._replace(event_id=event_id(one.room, "nobody", made_up(998), 0))
        found.append(Damage("doubled", partial(entries.insert, at, one)))
        found.append(Damage("taken_back", partial(entries.__setitem__, at, unheard)))
        if others:
            other = one._replace(event_id=rng.choice(others))
            found.append(Damage("differing", partial(entries.__setitem__, at, other)))
        if follower := _next_delivery(entries, at):
            found.append(Damage("hole", partial(entries.pop, at)))
            found.append(Damage("reordered", partial(_swap, entries, at, follower)))
    return found + _of_entries(history, rng)


def _of_entries(history: History, rng: random.Random) -> list[Damage]:
    """Views and resumes that end before something that was acknowledged when they were asked for."""
    acks = [entry for log in history.logs for entry in log.entries if isinstance(entry, Acked)]
    found = []
    for log in history.logs:
        for number, entry in enumerate(log.entries):
            if not isinstance(entry, Entered):
                continue
            tops = [ack.offset for ack in acks if ack.room == entry.room and ack.at_ns < entry.asked_ns]
            if not tops:
                continue
            short = rng.randrange(max(tops))
            damaged = entry._replace(top=short, offset=min(entry.offset, short), shown=())
            found.append(Damage("missing", partial(log.entries.__setitem__, number, damaged)))
    return found


def _of_rights(history: History, rng: random.Random) -> list[Damage]:
    found = []
    for log in history.logs:
        heard = [entry for entry in log.entries if isinstance(entry, Received)]
        if heard:
            one = rng.choice(heard)
            ended = Barred(rng.choice((one.room, "")), one.at_ms - 1)
            found.append(Damage("overheard", partial(log.entries.append, ended)))
    return found


def _top(stored: Sequence[StoredEvent], room: str) -> int:
    return max((row.offset for row in stored if row.room == room), default=0)


def _behind(stored: Sequence[StoredEvent], row: StoredEvent, **changes: str) -> StoredEvent:
    return row._replace(offset=_top(stored, row.room) + 1, **changes)  # type: ignore[arg-type]  # only texts are changed


def _next_delivery(entries: Sequence[Entry], at: int) -> int | None:
    """Where the next event of the same room was delivered, unless the room was entered in between."""
    one = entries[at]
    for number in range(at + 1, len(entries)):
        entry = entries[number]
        if isinstance(entry, Entered) and entry.room == one.room:
            return None
        if isinstance(entry, Received) and entry.room == one.room:
            return number
    return None


def _swap(entries: list[Entry], one: int, other: int) -> None:
    entries[one], entries[other] = entries[other], entries[one]


@given(ACTS, st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None)
def test_whatever_is_damaged_is_named(acts: Acts, rng: random.Random) -> None:
    history = honest(acts)
    possible = damages(history, rng)
    if not possible:
        assert not any(isinstance(entry, Acked | Received) for log in history.logs for entry in log.entries)
        return
    damage = rng.choice(possible)

    damage.do()

    verdict = judge(history)
    assert verdict.counts[damage.called], f"{damage.called} is not named: {verdict}"
