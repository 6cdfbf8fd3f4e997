"""The judge: reads what every client saw, and Postgres afterwards, and names what does not fit. It shares no code with the server.

=============  =======================================================================================================
anomaly        what happened
=============  =======================================================================================================
lost           a command was acknowledged, and its event is not in Postgres
taken_back     a reader was shown an event that is not in Postgres, or a room that went backwards
doubled        one event stands twice in Postgres, or was delivered twice to one reader
ran_twice      a command that had no answer, or was repeated, happened twice: under its id, or as two events of the same words
hole           offsets of a room in Postgres are not 1, 2, 3 …; or a reader was handed an offset that does not follow
reordered      a command given after another one was acknowledged stands before it, or not where it was acknowledged;
               or a reader was handed an earlier offset after a later one
invented       Postgres holds an event of a client that never gave it, or whose command was refused
differing      two readers (or a reader and Postgres) have different events at one place
missing        a reader came in after something was acknowledged, and what it was given ends before that
overheard      a reader was given something that happened after its right had ended
not_forgotten  words that somebody took back, and was told so, stand in some table
=============  =======================================================================================================

Every pass is linear in the number of entries, but for one merge of the clients' logs by time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from tests.drills.history import Acked, Barred, ClientLog, Entered, History, Received, Refused, Sent, StoredEvent

Kind: TypeAlias = Literal[
    "lost",
    "taken_back",
    "doubled",
    "ran_twice",
    "hole",
    "reordered",
    "invented",
    "differing",
    "missing",
    "overheard",
    "not_forgotten",
]

EXAMPLES = 20
"""So many are told in words per kind; all are counted."""

Place: TypeAlias = tuple[str, str, int]
"""Room, epoch, offset."""

Command: TypeAlias = tuple[str, str]
"""Actor and command id."""


class Anomaly(NamedTuple):
    kind: Kind
    room: str
    what: str


class Verdict(msgspec.Struct):
    """``counts`` has every anomaly, ``examples`` the first of each kind; the figures say how much was judged."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    examples: list[Anomaly] = msgspec.field(default_factory=list)
    sent: int = 0
    acked: int = 0
    unanswered: int = 0
    received: int = 0
    stored: int = 0
    resumes: int = 0
    fresh_views: int = 0

    @property
    def is_clean(self) -> bool:
        return not self.counts

    def note(self, kind: Kind, room: str, what: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= EXAMPLES:
            self.examples.append(Anomaly(kind, room, what))

    def __str__(self) -> str:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items())) or "no anomaly"
        figures = f"{self.sent} given, {self.acked} acknowledged, {self.unanswered} without an answer, {self.received} deliveries"
        ways_in = f"{self.resumes} resumes, {self.fresh_views} views, {self.stored} events in Postgres"
        return "\n".join([f"{told}: {figures}, {ways_in}", *[f"  {a.kind} in {a.room}: {a.what}" for a in self.examples]])


def judge(history: History) -> Verdict:
    """All anomalies of a history."""
    verdict = Verdict()
    rooms = frozenset(history.rooms)
    stored = [event for event in history.stored if event.room in rooms]
    verdict.stored = len(stored)
    places = _judge_stored(stored, _unsure(history.logs), verdict)
    seen: dict[Place, str] = {(event.room, event.epoch, event.offset): event.event_id for event in stored}
    for log in history.logs:
        _judge_reader(log, places, seen, verdict)
        _judge_sender(log, places, verdict)
        _judge_right(log, verdict)
    _judge_invented(history.logs, stored, verdict)
    _judge_words(history.logs, stored, verdict)
    _judge_time(history.logs, verdict)
    return verdict


def _unsure(logs: Iterable[ClientLog]) -> set[Command]:
    """Commands that were given again, or never answered."""
    times: Counter[Command] = Counter()
    answered: set[Command] = set()
    for log in logs:
        times.update((log.actor, entry.command_id) for entry in log.entries if isinstance(entry, Sent))
        answered.update((log.actor, entry.command_id) for entry in log.entries if isinstance(entry, Acked))
    return {command for command, count in times.items() if count > 1 or command not in answered}


def _judge_stored(stored: Iterable[StoredEvent], unsure: set[Command], verdict: Verdict) -> dict[str, int]:
    """Offsets without a hole, every event once. Returns the offset of each event by its id."""
    places: dict[str, int] = {}
    offsets: dict[str, set[int]] = defaultdict(set)
    for event in stored:
        if event.event_id in places:
            kind: Kind = "ran_twice" if (event.actor, event.command_id) in unsure else "doubled"
            verdict.note(kind, event.room, f"{event.event_id} stands at {places[event.event_id]} and at {event.offset}")
        if event.offset in offsets[event.room]:
            verdict.note("doubled", event.room, f"offset {event.offset} is there twice")
        places[event.event_id] = event.offset
        offsets[event.room].add(event.offset)
    for room, present in offsets.items():
        for offset in present:
            if offset > 1 and offset - 1 not in present:
                verdict.note("hole", room, f"Postgres has offset {offset} and not the one before it")
    return places


def _judge_reader(log: ClientLog, places: dict[str, int], seen: dict[Place, str], verdict: Verdict) -> None:
    """What one client was handed: without hole, double or step back; and the same as everyone else."""
    at: dict[str, tuple[str, int]] = {}
    for entry in log.entries:
        if isinstance(entry, Entered):
            _judge_entry(log, entry, at, verdict)
            for offset, shown in entry.shown:
                _judge_shown((entry.room, entry.epoch, offset), shown, log, places, seen, verdict)
            if not entry.recovered:
                at[entry.room] = (entry.epoch, entry.offset)
        elif isinstance(entry, Received):
            verdict.received += 1
            epoch, position = at.get(entry.room, ("", 0))
            _judge_step(log, entry, position, verdict)
            _judge_shown((entry.room, epoch, entry.offset), entry.event_id, log, places, seen, verdict)
            at[entry.room] = (epoch, max(position, entry.offset))


def _judge_entry(log: ClientLog, entry: Entered, at: dict[str, tuple[str, int]], verdict: Verdict) -> None:
    verdict.resumes += entry.recovered
    verdict.fresh_views += not entry.recovered
    epoch, position = at.get(entry.room, ("", 0))
    if epoch != entry.epoch:
        return  # a new generation begins anew, and says so by its epoch
    if entry.recovered and entry.offset != position:
        verdict.note("hole", entry.room, f"{log.name} stood at {position} and was resumed from {entry.offset}")
    if not entry.recovered and entry.offset < position:
        verdict.note("taken_back", entry.room, f"{log.name} had seen {position}, then was shown a room at {entry.offset}")


def _judge_step(log: ClientLog, entry: Received, position: int, verdict: Verdict) -> None:
    if entry.offset == position:
        verdict.note("doubled", entry.room, f"{log.name} was handed offset {entry.offset} twice")
    elif entry.offset < position:
        verdict.note("reordered", entry.room, f"{log.name} was handed {entry.offset} behind {position}")
    elif entry.offset != position + 1:
        verdict.note("hole", entry.room, f"{log.name} was handed {entry.offset} behind {position}")


def _judge_shown(
    place: Place, event_id: str, log: ClientLog, places: dict[str, int], seen: dict[Place, str], verdict: Verdict
) -> None:
    room, _, offset = place
    if event_id not in places:
        verdict.note("taken_back", room, f"{log.name} was shown {event_id} at {offset}, which Postgres does not have")
    elif seen.setdefault(place, event_id) != event_id:
        verdict.note("differing", room, f"at {offset} {log.name} has {event_id}, others have {seen[place]}")


def _judge_sender(log: ClientLog, places: dict[str, int], verdict: Verdict) -> None:
    """Every acknowledged event is in Postgres, where it was acknowledged."""
    sent = {entry.command_id for entry in log.entries if isinstance(entry, Sent)}
    answered: dict[str, Acked] = {}
    for entry in log.entries:
        if isinstance(entry, Acked):
            first = answered.setdefault(entry.command_id, entry)
            if first.event_ids != entry.event_ids:
                verdict.note("ran_twice", entry.room, f"{entry.command_id} was answered as {first.event_ids} and {entry.event_ids}")
    for command_id, ack in answered.items():
        for event_id in ack.event_ids:
            if event_id not in places:
                verdict.note("lost", ack.room, f"{log.name} gave {command_id}, acknowledged at {ack.offset}")
        if ack.event_ids and places.get(ack.event_ids[-1], ack.offset) != ack.offset:
            at = places[ack.event_ids[-1]]
            verdict.note("reordered", ack.room, f"{command_id} was acknowledged at {ack.offset} and stands at {at}")
    refused = {entry.command_id for entry in log.entries if isinstance(entry, Refused)}
    verdict.sent += len(sent)
    verdict.acked += len(answered)
    verdict.unanswered += len(sent - answered.keys() - refused)


def _judge_invented(logs: Iterable[ClientLog], stored: Iterable[StoredEvent], verdict: Verdict) -> None:
    """What Postgres holds of these actors was given by them, and not refused. Others (the clock, whoever set up) are not judged."""
    given: dict[str, set[str]] = defaultdict(set)
    refused: dict[str, set[str]] = defaultdict(set)
    for log in logs:
        given[log.actor].update(entry.command_id for entry in log.entries if isinstance(entry, Sent))
        refused[log.actor].update(entry.command_id for entry in log.entries if isinstance(entry, Refused))
    for event in stored:
        if event.actor in given and event.command_id not in given[event.actor]:
            verdict.note("invented", event.room, f"nobody gave {event.command_id}, which stands at {event.offset}")
        elif event.command_id in refused.get(event.actor, ()):
            verdict.note("invented", event.room, f"{event.command_id} was refused and stands at {event.offset}")


def _judge_words(logs: Iterable[ClientLog], stored: Iterable[StoredEvent], verdict: Verdict) -> None:
    """Nobody's words stand oftener than they were given: also not under a command id that the server made up."""
    given: dict[tuple[str, str], set[str]] = defaultdict(set)
    for log in logs:
        for entry in log.entries:
            if isinstance(entry, Sent) and entry.words:
                given[log.actor, entry.words].add(entry.command_id)
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in stored:
        commands = given.get((event.actor, event.words))
        if commands is None:
            continue
        already = said[event.actor, event.words]
        already.add(event.command_id)
        if len(already) > len(commands) and event.command_id not in commands:
            verdict.note("ran_twice", event.room, f"{event.words!r} stands at {event.offset} once more than it was said")


def _judge_right(log: ClientLog, verdict: Verdict) -> None:
    """Nothing that happened after a right had ended came to who had lost it."""
    ends: dict[str, int] = {}
    for entry in log.entries:
        if isinstance(entry, Barred):
            ends[entry.room] = min(entry.from_ms, ends.get(entry.room, entry.from_ms))
    if not ends:
        return
    for entry in log.entries:
        if isinstance(entry, Received):
            end = min((ends[room] for room in (entry.room, "") if room in ends), default=None)
            if end is not None and entry.at_ms > end:
                verdict.note("overheard", entry.room, f"{log.name} was given {entry.offset}, {entry.at_ms - end} ms after its end")


GIVEN, ENTERED, ACKED = range(3)
"""What happened at a moment; of those at the same moment none is behind another's answer."""

Moment: TypeAlias = tuple[int, int, str, str, int, str]
"""When, what, room, epoch, offset, who or which command."""


def _judge_time(logs: Iterable[ClientLog], verdict: Verdict) -> None:
    """Real time, over all clients of this machine: what begins after an acknowledgement stands behind it, or shows it."""
    acknowledged: dict[tuple[str, str], int] = defaultdict(int)
    for _, what, room, epoch, offset, name in sorted(moment for log in logs for moment in _moments(log)):
        top = acknowledged[room, epoch]
        if what == ACKED:
            acknowledged[room, epoch] = max(top, offset)
        elif what == GIVEN and offset <= top:
            verdict.note("reordered", room, f"{name} stands at {offset}, but was given after {top} was acknowledged")
        elif what == ENTERED and offset < top:
            verdict.note("missing", room, f"{name} came in after {top} was acknowledged, and was given the room up to {offset}")


def _moments(log: ClientLog) -> Iterable[Moment]:
    first_sent: dict[str, int] = {}
    for entry in log.entries:
        if isinstance(entry, Sent):
            first_sent.setdefault(entry.command_id, entry.at_ns)
        elif isinstance(entry, Acked) and entry.event_ids:
            began = first_sent.get(entry.command_id, entry.at_ns)
            yield entry.at_ns, ACKED, entry.room, entry.epoch, entry.offset, entry.command_id
            yield began, GIVEN, entry.room, entry.epoch, entry.offset, entry.command_id
        elif isinstance(entry, Entered) and entry.asked_ns:
            yield entry.asked_ns, ENTERED, entry.room, entry.epoch, max(entry.offset, entry.top), log.name
