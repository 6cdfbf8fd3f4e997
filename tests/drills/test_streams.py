"""What a reader makes of streams: repeats are nothing, contradictions are told."""

from typing import Any

from tests.drills.streams import Streams

KEY = "turn:t1"


def piece(position: int, text: str, attempt: int = 1) -> dict[str, Any]:
    return {"key": KEY, "attempt": attempt, "position": position, "text": text}


def message(text: str, attempt: int = 1) -> dict[str, Any]:
    return {"type": "message_added", "turn_id": "t1", "attempt": attempt, "text": text}


def complaints(*pieces: dict[str, Any], ends_as: dict[str, Any] | None = None) -> list[str]:
    streams = Streams()
    for each in pieces:
        streams.told(each)
    if ends_as is not None:
        streams.heard(ends_as)
    return streams.complaints


def test_a_text_told_piece_by_piece_and_in_part_again_is_no_complaint() -> None:
    pieces = (piece(0, "one "), piece(4, "two "), piece(2, "e two th"), piece(10, "ree"))

    assert complaints(*pieces, ends_as=message("one two three")) == []


def test_a_new_attempt_replaces_what_was_told() -> None:
    assert complaints(piece(0, "one"), piece(0, "uno", 2), ends_as=message("uno", 2)) == []


def test_a_hole_and_another_text_are_complaints() -> None:
    assert len(complaints(piece(0, "one"), piece(9, "ten"))) == 1
    assert len(complaints(piece(0, "one"), piece(1, "xe"))) == 1
    assert len(complaints(piece(0, "one", 2), piece(0, "one"))) == 1


def test_what_a_joiner_is_given_may_begin_later() -> None:
    streams = Streams()
    streams.told(piece(0, "one"))
    streams.told(piece(900, "the end"), is_entry=True)

    assert streams.complaints == []


def test_a_message_that_says_otherwise_is_a_complaint() -> None:
    assert len(complaints(piece(0, "one two"), ends_as=message("one three"))) == 1
    assert complaints(piece(0, "one two"), ends_as=message("")) == [], "taken back since"
    assert complaints(ends_as={"type": "turn_started"}) == []
