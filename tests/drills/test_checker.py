"""The judge itself: an honest history is clean, and every kind of anomaly is named when it is put there."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeAlias

import pytest

from tests.drills import checker
from tests.drills.checker import judge
from tests.drills.history import Acked, Barred, ClientLog, Entered, Entry, History, Received, Refused, Sent, StoredEvent, event_id

TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]

ROOM = "workspace:a"
EPOCH = "e1"
ADA, BEN = "ada-id", "ben-id"


def command(number: int) -> str:
    return f"019abb2e-0000-7000-8000-{number:012d}"


def event(number: int, actor: str = ADA) -> str:
    return event_id(ROOM, actor, command(number), 0)


def sent(number: int, at: int) -> Sent:
    return Sent(ROOM, command(number), at)


def acked(number: int, offset: int, at: int, actor: str = ADA) -> Acked:
    return Acked(ROOM, command(number), offset, EPOCH, (event(number, actor),), at)


def received(offset: int, number: int | None = None) -> Received:
    return Received(ROOM, offset, event(offset if number is None else number))


def entered(offset: int = 0, recovered: bool = False) -> Entered:
    return Entered(ROOM, EPOCH, offset, recovered)


def row(offset: int, number: int | None = None, actor: str = ADA) -> StoredEvent:
    return StoredEvent(ROOM, offset, EPOCH, actor, command(offset if number is None else number), 0)


def kinds(ada: list[Entry], rows: list[StoredEvent], *ben: Entry) -> set[str]:
    logs = [ClientLog("ada", ADA, ada), ClientLog("ben", BEN, list(ben))]
    return set(judge(History(logs=logs, stored=rows, rooms=[ROOM])).counts)


GIVEN: list[Entry] = [sent(1, 10), acked(1, 1, 20), sent(2, 30), acked(2, 2, 40), sent(3, 50), acked(3, 3, 60)]
ROWS = [row(1), row(2), row(3)]


def test_an_honest_history_is_clean() -> None:
    assert kinds(GIVEN, ROWS, entered(), received(1), entered(1, recovered=True), received(2), received(3), entered(3)) == set()


def test_a_command_without_an_answer_may_be_there_or_not() -> None:
    assert kinds([*GIVEN, sent(4, 70)], ROWS) == set()
    assert kinds([*GIVEN, sent(4, 70)], [*ROWS, row(4)]) == set()


def test_a_repeat_that_is_answered_as_before_is_clean() -> None:
    assert kinds([*GIVEN, sent(2, 70), acked(2, 2, 80)], ROWS) == set()


def test_an_acknowledged_event_that_is_not_in_postgres_is_lost() -> None:
    assert kinds(GIVEN, ROWS[:2]) == {"lost"}


def test_an_event_that_was_shown_and_is_not_in_postgres_was_taken_back() -> None:
    assert kinds(GIVEN[:4], ROWS[:2], entered(), received(1), received(2), received(3)) == {"taken_back"}


def test_a_room_that_goes_backwards_was_taken_back() -> None:
    assert kinds(GIVEN, ROWS, entered(3), entered(1)) == {"taken_back"}


def test_an_event_that_stands_twice_is_doubled() -> None:
    assert kinds(GIVEN, [*ROWS, row(4, number=3)]) == {"doubled", "reordered"}


def test_a_repeat_that_ran_again_ran_twice() -> None:
    again = Acked(ROOM, command(3), 4, EPOCH, (event(4),), 80)

    assert "ran_twice" in kinds([*GIVEN, sent(4, 65), sent(3, 70), again], [*ROWS, row(4)])


def test_an_offset_that_is_delivered_twice_is_doubled() -> None:
    assert kinds(GIVEN, ROWS, entered(), received(1), received(2), received(2)) == {"doubled"}


def test_a_missing_offset_in_postgres_is_a_hole() -> None:
    assert kinds(GIVEN[:2], [row(1), row(3)]) == {"hole", "invented"}


def test_a_delivery_that_does_not_follow_is_a_hole() -> None:
    assert kinds(GIVEN, ROWS, entered(), received(1), received(3)) == {"hole"}


def test_a_resume_from_elsewhere_is_a_hole() -> None:
    assert kinds(GIVEN, ROWS, entered(), received(1), entered(2, recovered=True), received(3)) == {"hole"}


def test_a_delivery_behind_a_later_one_is_reordered() -> None:
    assert kinds(GIVEN, ROWS, entered(1), received(2), received(3), received(1)) == {"reordered"}


def test_a_command_given_after_an_acknowledgement_may_not_stand_before_it() -> None:
    given: list[Entry] = [sent(1, 10), acked(1, 2, 20), sent(2, 30), acked(2, 1, 40)]

    assert kinds(given, [row(1, number=2), row(2, number=1)]) == {"reordered"}


def test_commands_in_flight_together_may_stand_in_any_order() -> None:
    given: list[Entry] = [sent(1, 10), sent(2, 15), acked(1, 2, 20), acked(2, 1, 21)]

    assert kinds(given, [row(1, number=2), row(2, number=1)]) == set()


def test_real_time_order_holds_between_clients() -> None:
    ben: list[Entry] = [sent(9, 30), acked(9, 1, 40, BEN)]

    assert kinds([sent(1, 10), acked(1, 2, 20)], [row(1, number=9, actor=BEN), row(2, number=1)], *ben) == {"reordered"}


def test_an_event_that_stands_elsewhere_than_acknowledged_is_reordered() -> None:
    assert kinds([sent(1, 10), acked(1, 1, 20), sent(2, 15)], [row(1, number=2), row(2, number=1)]) == {"reordered"}


def test_an_event_that_nobody_gave_is_invented() -> None:
    assert kinds(GIVEN, [*ROWS, row(4)]) == {"invented"}


def test_a_refused_command_that_happened_is_invented() -> None:
    assert kinds([*GIVEN, sent(4, 70), Refused(ROOM, command(4), 403)], [*ROWS, row(4)]) == {"invented"}


def test_events_of_actors_without_a_log_are_not_judged() -> None:
    assert kinds(GIVEN, [*ROWS, row(4, actor="system-id")]) == set()


def test_readers_with_different_events_at_one_place_differ() -> None:
    swapped: list[Entry] = [entered(), received(1), received(2, number=3), received(3, number=2)]

    assert kinds(GIVEN, ROWS, *swapped) == {"differing"}


def test_a_view_that_shows_another_event_differs() -> None:
    assert kinds(GIVEN, ROWS, Entered(ROOM, EPOCH, 3, False, shown=((2, event(2)), (3, event(1))))) == {"differing"}


def test_an_unanswered_command_that_stands_twice_under_its_id_ran_twice() -> None:
    assert kinds([*GIVEN, sent(4, 70), sent(4, 75)], [*ROWS, row(4), row(5, number=4)]) == {"ran_twice"}


def test_an_unanswered_command_that_stands_under_two_ids_ran_twice() -> None:
    said = Sent(ROOM, command(4), 70, "some words")
    twice = [row(4)._replace(words="some words"), row(5)._replace(words="some words")]

    assert kinds([*GIVEN, said], [*ROWS, *twice]) == {"ran_twice", "invented"}


def test_the_same_words_may_be_said_as_often_as_they_are_given() -> None:
    said: list[Entry] = [Sent(ROOM, command(number), number * 10, "yes") for number in (4, 5)]

    assert kinds([*GIVEN, *said], [*ROWS, row(4)._replace(words="yes"), row(5)._replace(words="yes")]) == set()


def test_a_view_that_lacks_what_was_acknowledged_before_it_was_asked_for_is_missing_something() -> None:
    assert kinds(GIVEN, ROWS, Entered(ROOM, EPOCH, 2, False, asked_ns=70)) == {"missing"}
    assert kinds(GIVEN, ROWS, Entered(ROOM, EPOCH, 3, False, asked_ns=70)) == set()
    assert kinds(GIVEN, ROWS, Entered(ROOM, EPOCH, 2, False, asked_ns=55)) == set()


def test_a_resume_that_ends_before_what_was_acknowledged_is_missing_something() -> None:
    short = Entered(ROOM, EPOCH, 1, True, asked_ns=70, top=2)

    assert kinds(GIVEN, ROWS, entered(), received(1), short, received(2)) == {"missing"}
    assert kinds(GIVEN, ROWS, entered(), received(1), short._replace(top=3), received(2), received(3)) == set()


def test_what_was_acknowledged_in_another_generation_is_not_missing() -> None:
    assert kinds(GIVEN, ROWS, Entered(ROOM, "e2", 1, False, asked_ns=70)) == set()


@pytest.mark.parametrize("room", [ROOM, ""])
def test_what_happens_after_a_right_has_ended_is_overheard(room: str) -> None:
    def given(at_ms: int) -> Received:
        return received(1)._replace(at_ms=at_ms)

    assert kinds(GIVEN, ROWS, entered(), given(5_001), Barred(room, 5_000)) == {"overheard"}
    assert kinds(GIVEN, ROWS, entered(), given(5_000), Barred(room, 5_000)) == set()
    assert kinds(GIVEN, ROWS, entered(), given(5_001), Barred("workspace:other", 5_000)) == set()


class Moment(int):
    """A time that counts how often times were compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Moment.compared += 1
        return super().__lt__(other)

    def __eq__(self, other: object) -> bool:
        Moment.compared += 1
        return super().__eq__(other)

    __hash__ = int.__hash__


def steps_for(events: int) -> int:
    """Lines of the checker that run, and comparisons of times, for so many events that six clients give and read."""
    logs = [ClientLog(f"c{number}", f"actor-{number}", [entered()]) for number in range(6)]
    rows = []
    for number in range(1, events + 1):
        giver = logs[number % 6]
        happened = event(number, giver.actor)
        rows.append(row(number, actor=giver.actor))
        giver.entries.append(Sent(ROOM, command(number), Moment(number * 10), f"words {number}"))
        giver.entries.append(Acked(ROOM, command(number), number, EPOCH, (happened,), Moment(number * 10 + 5)))
        for log in logs:
            log.entries.append(Received(ROOM, number, happened, number))
        if number % 50 == 0:
            logs[0].entries.append(Entered(ROOM, EPOCH, number, True, asked_ns=Moment(number * 10 + 7), top=number))
    Moment.compared = lines = 0

    def count(frame: FrameType, what: str, _: object) -> TraceFunction | None:
        nonlocal lines
        lines += what == "line"
        return count if frame.f_code.co_filename == checker.__file__ else None

    before = sys.gettrace()
    sys.settrace(count)
    try:
        verdict = judge(History(logs=logs, stored=rows, rooms=[ROOM]))
    finally:
        sys.settrace(before)
    assert verdict.is_clean, str(verdict)
    assert verdict.received == 6 * events
    return lines + Moment.compared


def test_judging_takes_steps_in_proportion() -> None:
    little, much = steps_for(500), steps_for(4_000)

    assert much < 8.5 * little, f"{little} steps for 500 events, {much} for eight times as many"
