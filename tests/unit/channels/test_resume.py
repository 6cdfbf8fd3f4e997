"""The ring of a room's newest events."""

import pytest

from channels.resume import Ring, fitting
from channels.seats import RoomMessage


def message(offset: int, size: int = 10) -> RoomMessage:
    return RoomMessage(data=b"x" * size, offset=offset)


def ring_of(count: int, max_events: int = 5, max_bytes: int = 1_000, top: int = 0) -> Ring:
    ring = Ring(max_events, max_bytes, top)
    for offset in range(top + 1, top + count + 1):
        ring.push(message(offset))
    return ring


def offsets(messages: object) -> list[int] | None:
    return None if messages is None else [each.offset for each in messages]  # type: ignore[attr-defined]  # a sequence of messages


def test_it_gives_what_is_behind_an_offset() -> None:
    ring = ring_of(4)

    assert offsets(ring.since(2)) == [3, 4]
    assert offsets(ring.since(0)) == [1, 2, 3, 4]
    assert offsets(ring.since(4)) == []


def test_it_does_not_know_what_went_or_what_has_not_come() -> None:
    ring = ring_of(8)

    assert ring.first == 4
    assert offsets(ring.since(3)) == [4, 5, 6, 7, 8]
    assert ring.since(2) is None
    assert ring.since(9) is None


def test_it_is_bounded_by_bytes_but_keeps_the_newest() -> None:
    ring = Ring(100, 25, 0)
    for offset in (1, 2, 3):
        ring.push(message(offset))
    assert ring.first == 2

    ring.push(message(4, size=400))

    assert offsets(ring.since(3)) == [4]
    assert ring.size_bytes == 400


def test_a_ring_that_opens_at_an_offset_is_empty_there() -> None:
    ring = ring_of(0, top=40)

    assert offsets(ring.since(40)) == []
    assert ring.since(39) is None


def test_it_refuses_a_hole() -> None:
    with pytest.raises(ValueError, match="hole"):
        ring_of(2).push(message(4))


def test_thousands_of_events_leave_no_more_than_the_bound() -> None:
    ring = ring_of(5_000)

    assert len(ring) == 5
    assert offsets(ring.since(4_997)) == [4_998, 4_999, 5_000]


def test_backwards_it_gives_a_full_page_or_none() -> None:
    ring = ring_of(8)

    assert offsets(ring.before(9, 3)) == [8, 7, 6]
    assert offsets(ring.before(7, 3)) == [6, 5, 4]
    assert ring.before(6, 3) is None
    assert offsets(ring_of(3).before(3, 10)) == [2, 1]


def test_a_slice_holds_at_least_one_message() -> None:
    assert offsets(fitting([message(1, 50), message(2, 50)], 10)) == [1]
    assert offsets(fitting([message(1), message(2), message(3)], 25)) == [1, 2]
