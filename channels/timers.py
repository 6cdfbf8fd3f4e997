"""Time: one heap of alarms for the node, and the deadlines of its rooms upon it."""

import heapq
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence

from channels.seats import Accepted, Answer
from domain.decider import Deadline
from domain.event_codec import encode
from domain.ids import RoomAddress, clock_command_id
from domain.rejections import Busy, NotYet, Unavailable

logger = logging.getLogger(__name__)

Ring = Callable[[int], None]
"""Called once with the clock of the moment, in Unix milliseconds."""

FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 60_000
RUNG_AT_ONCE = 250
"""Alarms of one turn of the loop, 2 ms: a crowd that left together shall not hold up those who stay."""
SWEEP_FROM = 1_000
"""Alarms below which those that were taken back are left where they are."""


class Alarm:
    """One instant at which something is done; ``cancel`` takes it back."""

    __slots__ = ("at_ms", "ring")

    def __init__(self, at_ms: int, ring: Ring) -> None:
        self.at_ms = at_ms
        self.ring: Ring | None = ring

    def cancel(self) -> None:
        self.ring = None


class Alarms:
    """A heap of alarms. ``on_earlier`` is told when the next instant has come nearer, so that its owner sleeps less long."""

    def __init__(self, on_earlier: Callable[[int], None]) -> None:
        self._heap: list[tuple[int, int, Alarm]] = []
        self._numbers = itertools.count()
        self._sweep_at = SWEEP_FROM
        self._on_earlier = on_earlier

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_ms(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def set(self, at_ms: int, ring: Ring) -> Alarm:
        alarm = Alarm(at_ms, ring)
        if len(self._heap) >= self._sweep_at:
            self._sweep()
        is_earlier = not self._heap or at_ms < self._heap[0][0]
        heapq.heappush(self._heap, (at_ms, next(self._numbers), alarm))
        if is_earlier:
            self._on_earlier(at_ms)
        return alarm

    def _sweep(self) -> None:
        """Those taken back would otherwise stay until their instant, which may be far away; twice as many may gather until then."""
        self._heap = [entry for entry in self._heap if entry[2].ring is not None]
        heapq.heapify(self._heap)
        self._sweep_at = max(SWEEP_FROM, 2 * len(self._heap))

    def ring(self, now_ms: int) -> None:
        """Ring what is due, the oldest first and at most ``RUNG_AT_ONCE``; the rest, and an alarm that a ringing one sets for now,
        wait for the next call."""
        due: list[Alarm] = []
        while self._heap and self._heap[0][0] <= now_ms and len(due) < RUNG_AT_ONCE:
            due.append(heapq.heappop(self._heap)[2])
        for alarm in due:
            ring, alarm.ring = alarm.ring, None
            if ring is not None:
                self._ring_one(ring, now_ms)

    def _ring_one(self, ring: Ring, now_ms: int) -> None:
        try:
            ring(now_ms)
        except Exception:
            # One room's fault shall not silence the others' deadlines.
            logger.exception("an alarm failed")


GiveByClock = Callable[[str, bytes, Callable[[Answer], None]], None]
"""(wire name, payload, answer): the system gives a command."""


class RoomDeadlines:
    """The deadlines of one open room: each has an alarm, and a fired one is asked again later when the room is not ready for it.

    ``ticked_at`` is the room's (live key -> last tick). Silence before ``started_ms``, when this node began to listen, is nobody's
    fault: deadlines on silence count from there at the earliest.
    """

    __slots__ = ("_alarms", "_by_what", "_give", "_room", "_started_ms", "_ticked_at", "current")

    def __init__(self, room: RoomAddress, alarms: Alarms, give: GiveByClock, ticked_at: Mapping[str, int], started_ms: int) -> None:
        self._room = room
        self._alarms = alarms
        self._give = give
        self._ticked_at = ticked_at
        self._started_ms = started_ms
        self._by_what: dict[str, tuple[Deadline, Alarm]] = {}
        self.current: Sequence[Deadline] = ()

    def replace(self, deadlines: Sequence[Deadline]) -> None:
        """What the room's state says now; a deadline that stays keeps its alarm and its pauses."""
        self.current = deadlines
        wanted = {deadline.what: deadline for deadline in deadlines}
        for what, (deadline, alarm) in list(self._by_what.items()):
            if wanted.get(what) != deadline:
                alarm.cancel()
                del self._by_what[what]
        for what, deadline in wanted.items():
            if what not in self._by_what:
                self._arm(deadline, self._due_ms(deadline))

    def cancel(self) -> None:
        self.replace(())

    def _due_ms(self, deadline: Deadline) -> int:
        if not deadline.quiet_key:
            return deadline.at_ms
        heard_ms = max(self._ticked_at.get(deadline.quiet_key, 0), self._started_ms)
        return max(deadline.at_ms, heard_ms + deadline.quiet_ms)

    def _arm(self, deadline: Deadline, at_ms: int, pause_ms: int = FIRST_PAUSE_MS) -> None:
        alarm = self._alarms.set(at_ms, lambda now_ms: self._ring(deadline, now_ms, pause_ms))
        self._by_what[deadline.what] = (deadline, alarm)

    def _ring(self, deadline: Deadline, now_ms: int, pause_ms: int) -> None:
        due_ms = self._due_ms(deadline)
        if due_ms > now_ms:
            self._arm(deadline, due_ms)
            return
        self._give(deadline.name, self._payload(deadline), lambda answer: self._answered(deadline, answer, now_ms, pause_ms))

    def _payload(self, deadline: Deadline) -> bytes:
        command_id = clock_command_id(self._room, deadline.what, deadline.at_ms)
        return encode({**deadline.payload, "room": self._room, "command_id": command_id})

    def _answered(self, deadline: Deadline, answer: Answer, fired_ms: int, pause_ms: int) -> None:
        """A deadline that the state still names after it was refused is asked again, at the instant it says or after a pause."""
        entry = self._by_what.get(deadline.what)
        if isinstance(answer, Accepted) or entry is None or entry[0] != deadline:
            return
        if isinstance(answer, NotYet):
            self._arm(deadline, max(answer.at_ms, fired_ms + FIRST_PAUSE_MS))
        elif isinstance(answer, Busy | Unavailable):
            self._arm(deadline, fired_ms + pause_ms, min(pause_ms * 2, LONGEST_PAUSE_MS))
        else:
            self._arm(deadline, fired_ms + LONGEST_PAUSE_MS)
