"""Passing values on their way to Postgres: the newest is known at every moment, and what ended never comes back."""

from domain.decider import Piece, Tick
from domain.log import StoredPassing
from persistence.write_behind.kept_passing import TICKS_MAX, KeptPassing
from tests.support.records import workspace

ONE, TWO = workspace("one"), workspace("two")


class Progress(Tick, frozen=True, kw_only=True, tag="progress"):
    value: int


def kept_passing() -> KeptPassing:
    return KeptPassing(0.0, lambda: 0.0, lambda: 7)


def everything(room: str, offset: int) -> bool:
    return True


def values(passing: KeptPassing, *stored: StoredPassing) -> dict[str, StoredPassing]:
    return {each.key: each for each in passing.of_room(ONE).over(stored)}


def tick(value: int) -> Progress:
    return Progress(key="k", value=value)


def form(value: int, after: int, at_ms: int = 7) -> StoredPassing:
    return StoredPassing(key="k", after=after, at_ms=at_ms, tick=b'{"type":"progress","key":"k","value":%d}' % value)


def test_a_value_is_known_while_it_waits_and_while_it_is_on_its_way_and_then_no_longer() -> None:
    passing = kept_passing()
    passing.put(ONE, 3, tick(1))
    assert values(passing) == {"k": form(1, 3)}

    ticks, ends = passing.take(everything)
    assert values(passing) == {"k": form(1, 3)}

    passing.stored(ticks, ends)
    assert values(passing) == {}
    assert len(passing) == 0


def test_a_newer_value_wins_over_the_one_on_its_way_and_over_the_stored_one() -> None:
    passing = kept_passing()
    passing.put(ONE, 3, tick(1))
    ticks, ends = passing.take(everything)
    passing.put(ONE, 3, tick(2))
    passing.stored(ticks, ends)

    assert values(passing, form(1, 3)) == {"k": form(2, 3)}


def test_rooms_and_keys_do_not_mix() -> None:
    passing = kept_passing()
    passing.put(TWO, 3, tick(1))

    assert values(passing, form(9, 1, 1)) == {"k": form(9, 1, 1)}


def test_a_stream_is_kept_as_its_piece() -> None:
    passing = kept_passing()
    piece = Piece(key="s", attempt=2, position=5, text="told")
    passing.put(ONE, 3, piece)

    assert values(passing) == {"s": StoredPassing(key="s", after=3, at_ms=7, piece=piece)}


def test_what_ended_is_gone_wherever_it_is() -> None:
    passing = kept_passing()
    passing.put(ONE, 3, tick(1))
    under_way = passing.take(everything)
    passing.put(ONE, 3, tick(2))
    passing.end(ONE, 5, ["k"])
    assert values(passing, form(0, 2)) == {}

    passing.give_back(*under_way)
    ticks, ends = passing.take(everything)
    assert ticks == ()
    assert [(end.key, end.offset) for end in ends] == [("k", 5)]
    assert values(passing, form(0, 2)) == {}, "the row is there until the transaction has gone through"

    passing.stored(ticks, ends)
    assert values(passing) == {}


def test_a_new_telling_of_a_key_that_ended_stays() -> None:
    passing = kept_passing()
    passing.put(ONE, 3, tick(1))
    passing.end(ONE, 5, ["k"])
    passing.put(ONE, 5, tick(2))

    assert values(passing, form(1, 3)) == {"k": form(2, 5)}
    ticks, ends = passing.take(everything)
    assert ([each.after for each in ticks], [end.offset for end in ends]) == ([5], [5])


def test_of_two_ends_the_later_one_counts() -> None:
    passing = kept_passing()
    passing.end(ONE, 5, ["k"])
    under_way = passing.take(everything)
    passing.end(ONE, 9, ["k"])
    passing.give_back(*under_way)

    _, ends = passing.take(everything)
    assert [end.offset for end in ends] == [9]
    passing.stored(*under_way)
    assert values(passing, form(1, 7)) == {}, "the later end is not stored yet"


def test_an_end_waits_for_its_offset() -> None:
    passing = kept_passing()
    passing.end(ONE, 5, ["k"])

    assert passing.take(lambda room, offset: offset < 5) == ((), ())
    assert passing.due_in_s() == 0.0


def test_over_the_bound_the_oldest_goes_for_good() -> None:
    passing = kept_passing()
    passing.put(ONE, 1, tick(1))
    for number in range(TICKS_MAX):
        passing.put(TWO, 1, Progress(key=f"k{number}", value=1))

    assert values(passing) == {}
    assert len(passing) == TICKS_MAX
