"""Alarms, and the deadlines of a room upon them."""

import json
from collections.abc import Callable

from channels.seats import Accepted, Answer
from channels.timers import RUNG_AT_ONCE, Alarms, RoomDeadlines
from domain.decider import Deadline
from domain.ids import RoomAddress, clock_command_id
from domain.rejections import Busy, NotYet, WrongStatus

ROOM = RoomAddress("desk:one")


class Fired:
    """What the clock has given, and a way to answer it."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, object]] = []
        self._answers: list[Callable[[Answer], None]] = []

    def give(self, name: str, payload: bytes, answer: Callable[[Answer], None]) -> None:
        self.payloads.append(json.loads(payload))
        self._answers.append(answer)

    def answer(self, answer: Answer) -> None:
        self._answers[-1](answer)

    def __len__(self) -> int:
        return len(self.payloads)


def deadline(at_ms: int, what: str = "job", **fields: object) -> Deadline:
    return Deadline(what=what, at_ms=at_ms, name="desk.end", payload={"key": "k"}, **fields)  # type: ignore[arg-type]  # as given


def room_deadlines(ticked_at: dict[str, int] | None = None, started_ms: int = 0) -> tuple[Alarms, Fired, RoomDeadlines]:
    alarms, fired = Alarms(lambda _: None), Fired()
    return alarms, fired, RoomDeadlines(ROOM, alarms, fired.give, ticked_at if ticked_at is not None else {}, started_ms)


def test_many_at_once_ring_in_several_turns() -> None:
    rung: list[int] = []
    alarms = Alarms(lambda _: None)
    for number in range(RUNG_AT_ONCE + 10):
        alarms.set(100 + number // 200, lambda _, number=number: rung.append(number))  # type: ignore[misc]  # a bound default

    alarms.ring(1_000)
    assert (len(rung), alarms.next_ms) == (RUNG_AT_ONCE, 101)
    alarms.ring(1_000)
    assert rung == list(range(RUNG_AT_ONCE + 10))


def test_alarms_ring_in_order_and_once() -> None:
    nearer: list[int] = []
    rung: list[str] = []
    alarms = Alarms(nearer.append)
    alarms.set(300, lambda _: rung.append("c"))
    alarms.set(100, lambda _: rung.append("a"))
    alarms.set(200, lambda _: rung.append("b")).cancel()

    alarms.ring(250)
    alarms.ring(300)

    assert rung == ["a", "c"]
    assert nearer == [300, 100]


def test_one_failing_alarm_does_not_silence_the_next() -> None:
    rung: list[int] = []
    alarms = Alarms(lambda _: None)
    alarms.set(1, lambda _: 1 // 0)
    alarms.set(2, rung.append)

    alarms.ring(5)

    assert rung == [5]


def test_a_deadline_gives_its_command_with_an_id_that_a_second_firing_repeats() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    alarms.ring(499)
    assert len(fired) == 0

    alarms.ring(510)

    assert fired.payloads == [{"key": "k", "room": ROOM, "command_id": clock_command_id(ROOM, "job", 500)}]
    fired.answer(Accepted(room=ROOM, offset=1, epoch="e1"))
    alarms.ring(100_000)
    assert len(fired) == 1


def test_a_deadline_that_the_state_no_longer_names_does_not_fire() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    deadlines.replace([deadline(900)])

    alarms.ring(600)
    assert len(fired) == 0
    alarms.ring(900)
    assert len(fired) == 1


def test_silence_counts_from_the_last_tick() -> None:
    ticked_at: dict[str, int] = {}
    alarms, fired, deadlines = room_deadlines(ticked_at)
    deadlines.replace([deadline(500, quiet_key="k", quiet_ms=400)])
    ticked_at["k"] = 450

    alarms.ring(500)
    assert len(fired) == 0
    alarms.ring(850)
    assert len(fired) == 1


def test_silence_before_the_node_began_to_listen_does_not_count() -> None:
    alarms, fired, deadlines = room_deadlines(started_ms=10_000)
    deadlines.replace([deadline(500, quiet_key="k", quiet_ms=400)])

    alarms.ring(10_000)
    assert len(fired) == 0
    alarms.ring(10_400)
    assert len(fired) == 1


def test_a_room_that_says_not_yet_is_asked_again_then() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    alarms.ring(500)
    fired.answer(NotYet("wait", 7_000))

    alarms.ring(6_999)
    assert len(fired) == 1
    alarms.ring(7_000)
    assert len(fired) == 2


def test_a_busy_room_is_asked_again_with_growing_pauses() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    alarms.ring(500)
    fired.answer(Busy("full"))
    alarms.ring(1_500)
    assert len(fired) == 2
    fired.answer(Busy("full"))

    alarms.ring(3_499)
    assert len(fired) == 2
    alarms.ring(3_500)
    assert len(fired) == 3


def test_a_deadline_that_its_rule_refuses_is_not_asked_every_moment() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    alarms.ring(500)
    fired.answer(WrongStatus("no"))

    alarms.ring(60_499)
    assert len(fired) == 1
    alarms.ring(60_500)
    assert len(fired) == 2


def test_the_answer_to_a_deadline_that_has_gone_sets_no_alarm() -> None:
    alarms, fired, deadlines = room_deadlines()
    deadlines.replace([deadline(500)])
    alarms.ring(500)
    deadlines.replace([])
    fired.answer(NotYet("wait", 600))

    alarms.ring(10_000)

    assert len(fired) == 1


def test_alarms_that_were_taken_back_do_not_gather() -> None:
    alarms, rung = Alarms(lambda _: None), []
    alarms.set(3_000_000, rung.append)
    for at_ms in range(10_000):
        alarms.set(2_000_000 + at_ms, rung.append).cancel()
    alarms.set(1_000_000, rung.append)

    assert len(alarms) <= 1_002
    alarms.ring(3_000_000)
    assert rung == [3_000_000, 3_000_000]
