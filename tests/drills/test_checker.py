"""The judge itself: an honest history is clean, and every kind of anomaly is named when it is put there."""

import time

import pytest

from tests.drills.checker import judge
from tests.drills.history import Acked, ClientLog, Entered, Entry, History, Received, Refused, Sent, StoredEvent, event_id

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


def test_a_repeat_that_ran_again_is_doubled() -> None:
    again = Acked(ROOM, command(3), 4, EPOCH, (event(4),), 80)

    assert "doubled" in kinds([*GIVEN, sent(4, 65), sent(3, 70), again], [*ROWS, row(4)])


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


@pytest.mark.parametrize("many", [60_000])
def test_judging_takes_time_in_proportion(many: int) -> None:
    began = time.perf_counter()
    entries: list[Entry] = [entered()]
    for number in range(1, many + 1):
        entries += [sent(number, number * 10), acked(number, number, number * 10 + 5), received(number)]

    verdict = judge(History(logs=[ClientLog("ada", ADA, entries)], stored=[row(n) for n in range(1, many + 1)], rooms=[ROOM]))

    assert verdict.is_clean
    assert (verdict.sent, verdict.acked, verdict.received, verdict.stored) == (many, many, many, many)
    assert time.perf_counter() - began < 30
