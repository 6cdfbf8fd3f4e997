"""The fold of a stream: fenced by attempt, checked by position, bounded in bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Piece
from domain.parts.streams import KEPT_BYTES, Fold
from domain.rejections import OutOfOrder

KEY = "deploy_log:1"


def piece(position: int, text: str, attempt: int = 1) -> Piece:
    return Piece(key=KEY, attempt=attempt, position=position, text=text)


def told(*texts: str, attempt: int = 1) -> Fold:
    fold = Fold(key=KEY, attempt=attempt)
    for text in texts:
        fold = fold.accept(piece(fold.end, text, attempt))
    return fold


def test_pieces_in_order_make_the_text() -> None:
    fold = told("one ", "two")

    assert (fold.text, fold.start, fold.end) == ("one two", 0, 7)


def test_the_same_piece_again_changes_nothing() -> None:
    fold = told("one ", "two")

    assert fold.accept(piece(4, "two")) == fold
    assert fold.accept(piece(0, "one ")) == fold


def test_other_text_at_a_told_position_is_refused_with_the_expected_place() -> None:
    with pytest.raises(OutOfOrder, match="go on with attempt 1 at position 7") as refusal:
        told("one ", "two").accept(piece(4, "six"))

    assert (refusal.value.expected_attempt, refusal.value.expected_position) == (1, 7)


def test_a_hole_is_refused_with_the_expected_place() -> None:
    with pytest.raises(OutOfOrder, match="position 3") as refusal:
        told("one").accept(piece(4, "two"))

    assert refusal.value.expected_position == 3


def test_a_piece_that_repeats_the_end_and_goes_on_adds_what_is_new() -> None:
    assert told("one ", "tw").accept(piece(4, "two three")).text == "one two three"


def test_an_attempt_that_is_over_is_refused_with_the_one_being_told() -> None:
    with pytest.raises(OutOfOrder) as refusal:
        told("again", attempt=2).accept(piece(0, "old", attempt=1))

    assert (refusal.value.expected_attempt, refusal.value.expected_position) == (2, 5)


def test_a_new_attempt_begins_at_the_front() -> None:
    assert told("old").accept(piece(0, "new", attempt=2)) == told("new", attempt=2)
    with pytest.raises(OutOfOrder, match="attempt 2 at position 0"):
        told("old").accept(piece(3, "new", attempt=2))


def test_only_the_last_256_kib_are_kept_and_positions_go_on() -> None:
    fold = told("x" * KEPT_BYTES, "end")

    assert len(fold.text) == KEPT_BYTES
    assert fold.text.endswith("xend")
    assert (fold.start, fold.end) == (3, KEPT_BYTES + 3)


def test_a_cut_inside_a_character_leaves_the_character_out() -> None:
    fold = told("a" + "€" * (KEPT_BYTES // 3), "€")

    assert len(fold.text.encode()) <= KEPT_BYTES
    assert set(fold.text) == {"€"}
    assert fold.end == KEPT_BYTES // 3 + 2


def test_a_repeat_from_before_the_kept_text_is_compared_where_it_still_stands() -> None:
    fold = told("x" * KEPT_BYTES, "end")

    assert fold.accept(piece(0, "x" * 10)) == fold
    with pytest.raises(OutOfOrder):
        fold.accept(piece(0, "y" * 10))


def test_a_reader_gets_the_rest_from_its_own_position() -> None:
    fold = told("one ", "two")

    assert fold.since(4) == piece(4, "two")
    assert fold.since(7) is None


def test_a_reader_from_before_the_kept_text_gets_what_there_is() -> None:
    rest = told("x" * KEPT_BYTES, "end").since(0)

    assert rest is not None
    assert rest.position == 3


@settings(deadline=None)
@given(st.lists(st.text(alphabet="aé€😀", min_size=1, max_size=8), max_size=20), st.data())
def test_any_cutting_and_repeating_tells_the_same_text(texts: list[str], data: st.DataObject) -> None:
    whole = "".join(texts)
    fold = Fold(key=KEY, attempt=1)
    while fold.end < len(whole):
        start = data.draw(st.integers(0, fold.end))
        end = data.draw(st.integers(start, len(whole)))
        fold = fold.accept(piece(start, whole[start:end]))
        fold = fold.accept(piece(fold.end, whole[fold.end : fold.end + 1]))

    assert fold.text == whole
