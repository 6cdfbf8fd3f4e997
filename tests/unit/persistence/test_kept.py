"""What rooms hand over beside their records: the newest, never too early, ticks at most once in their interval."""

from domain.decider import Deadline, Tick
from domain.log import Snapshot
from persistence.write_behind.kept import SNAPSHOTS_MAX, Kept
from tests.support.records import workspace

ONE, TWO = workspace("one"), workspace("two")


class Progress(Tick, frozen=True, kw_only=True, tag="progress"):
    value: int


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot(offset: int, room: str = ONE) -> Snapshot:
    return Snapshot(room=workspace(room), offset=offset, version=1, state=b"{}", receipts=b"{}")


def everything(room: str, offset: int) -> bool:
    return True


def nothing(room: str, offset: int) -> bool:
    return False


def test_the_newest_snapshot_of_a_room_stays() -> None:
    kept = Kept(1.0)
    for offset in (3, 5, 4):
        kept.snapshot(snapshot(offset))

    assert [each.offset for each in kept.take(everything).snapshots] == [5]
    assert kept.is_empty()


def test_nothing_goes_before_its_offset_is_covered() -> None:
    kept = Kept(1.0)
    kept.snapshot(snapshot(3))
    kept.deadlines(ONE, 3, ())
    kept.tick(ONE, 3, Progress(key="k", value=1))

    assert kept.take(nothing).is_empty
    assert not kept.take(everything).is_empty


def test_an_older_set_of_deadlines_never_replaces_a_newer_one() -> None:
    kept = Kept(1.0)
    due = Deadline(what="a", at_ms=1, name="workspace.fail_execution", payload={})
    kept.deadlines(ONE, 5, [due])
    kept.deadlines(ONE, 4, [])

    (taken,) = kept.take(everything).deadlines
    assert (taken.offset, taken.deadlines) == (5, (due,))


def test_a_tick_goes_at_most_once_in_its_interval_and_the_latest_wins() -> None:
    clock = Clock()
    kept = Kept(1.0, clock)
    values = []
    for tenth in range(25):
        clock.now = 100.0 + tenth / 10
        kept.tick(ONE, 1, Progress(key="k", value=tenth))
        values += [tick.value.value for tick in kept.take(everything).ticks if isinstance(tick.value, Progress)]

    assert values == [0, 10, 20]


def test_keys_have_intervals_of_their_own() -> None:
    kept = Kept(1.0, Clock())
    kept.tick(ONE, 1, Progress(key="a", value=1))
    kept.tick(ONE, 1, Progress(key="b", value=1))
    kept.tick(TWO, 1, Progress(key="a", value=1))

    assert len(kept.take(everything).ticks) == 3


def test_it_says_when_something_should_go() -> None:
    clock = Clock()
    kept = Kept(1.0, clock)
    assert kept.due_in_s(0.05) is None
    kept.tick(ONE, 1, Progress(key="k", value=1))
    assert kept.due_in_s(0.05) == 0.05
    kept.take(everything)
    kept.tick(ONE, 1, Progress(key="k", value=2))
    assert kept.due_in_s(0.05) == 1.0
    kept.snapshot(snapshot(1))
    clock.now += 0.1
    assert kept.due_in_s(0.05) == 0.0


def test_too_many_snapshots_drop_the_oldest() -> None:
    kept = Kept(1.0)
    for number in range(SNAPSHOTS_MAX + 5):
        kept.snapshot(snapshot(1, f"room {number}"))

    taken = kept.take(everything).snapshots
    assert len(taken) == SNAPSHOTS_MAX
    assert taken[0].room == workspace("room 5")


def test_what_is_given_back_yields_to_what_came_meanwhile() -> None:
    kept = Kept(0.0)
    kept.snapshot(snapshot(1))
    kept.deadlines(ONE, 1, ())
    kept.tick(ONE, 1, Progress(key="k", value=1))
    taken = kept.take(everything)
    kept.snapshot(snapshot(2))
    kept.tick(ONE, 2, Progress(key="k", value=2))
    kept.give_back(taken)

    again = kept.take(everything)
    assert [each.offset for each in again.snapshots] == [2]
    assert [each.after for each in again.ticks] == [2]
    assert [each.offset for each in again.deadlines] == [1]


def test_of_two_that_are_given_back_the_newer_stays() -> None:
    kept = Kept(0.0)
    older, newer = (Deadline(what=what, at_ms=1, name="workspace.fail_execution", payload={}) for what in ("older", "newer"))
    kept.deadlines(ONE, 5, [older])
    kept.tick(ONE, 5, Progress(key="k", value=1))
    first = kept.take(everything)
    kept.deadlines(ONE, 9, [newer])
    kept.tick(ONE, 9, Progress(key="k", value=2))
    second = kept.take(everything)

    kept.give_back(first)
    kept.give_back(second)

    again = kept.take(everything)
    assert [each.offset for each in again.deadlines] == [9]
    assert [each.after for each in again.ticks] == [9]
