"""Encode once, join once, one write per member; large rooms in slices."""

from collections.abc import Callable
from typing import Any

from channels.audience import Audience, Surroundings
from channels.fan_out import FanOut
from channels.flush import Flush
from channels.seats import RESUBSCRIBE, Identity, RoomMessage, Subscribed
from channels.settings import HubSettings
from channels.timers import Alarms
from domain.event_codec import encode
from domain.ids import RoomAddress
from tests.support.desk import desk_address
from tests.support.fake_seats import FakeSeat
from tests.support.live import FakeClock, codecs

ROOM = desk_address("one")


class Shelf:
    """A source that everybody may see."""

    address = ROOM
    epoch = "e1"
    top = 0

    def may_see(self, identity: Identity, now_ms: int) -> bool:
        return True

    def view(self) -> bytes:
        return b"{}"


class Hall:
    """An audience whose loop turns when a test says so."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.codecs = codecs()
        self.next_turn: list[Callable[[], None]] = []
        self.put_out: list[FakeSeat] = []
        fan_out = FanOut(settings.get("writes_per_turn", 500))
        self.flush = Flush(fan_out, self.next_turn.append, self.clock)
        self.alarms = Alarms(lambda _: None)
        around = Surroundings(
            HubSettings(**settings), self.codecs, fan_out, self.alarms, self.clock, self.flush.touch, self.forget, started_ms=0
        )
        self.audience = Audience(Shelf(), around)
        self.published = 0

    def forget(self, seat: Any, room: RoomAddress) -> None:
        self.put_out.append(seat)

    def enter(self, name: str, format_name: Any = "json", **options: bool) -> FakeSeat:
        seat = FakeSeat(name, format_name)
        seat.on_pause = self.audience.pause  # type: ignore[assignment]  # the fake fulfils Seat
        self.audience.join(seat.asks(ROOM, **options), None)
        return seat

    def publish(self, count: int = 1) -> None:
        for _ in range(count):
            self.published += 1
            data = encode({"offset": self.published, "text": "x" * 50})
            self.audience.publish(RoomMessage(data=data, offset=self.published))

    def turn(self) -> None:
        due = self.next_turn.copy()
        self.next_turn.clear()
        for call in due:
            call()

    def rest(self) -> int:
        """Turns until nothing is left to do."""
        count = 0
        while self.next_turn:
            self.turn()
            count += 1
        return count


def test_what_is_published_in_one_turn_is_one_write_and_encoded_once_per_format() -> None:
    hall = Hall()
    seats = [hall.enter(f"j{number}") for number in range(5)] + [hall.enter(f"p{number}", "protobuf") for number in range(5)]

    hall.publish(16)
    hall.turn()

    assert all(seat.writes == 1 and seat.offsets == list(range(1, 17)) for seat in seats)
    assert hall.codecs["json"].encoded == hall.codecs["protobuf"].encoded == 16


def test_a_large_room_is_written_in_slices_over_several_turns() -> None:
    hall = Hall(slice_members=10, writes_per_turn=20)
    seats = [hall.enter(f"s{number}") for number in range(50)]

    hall.publish()
    hall.turn()
    assert sum(seat.writes for seat in seats) == 20
    hall.turn()
    assert sum(seat.writes for seat in seats) == 40
    hall.rest()

    assert all(seat.offsets == [1] for seat in seats)


def test_what_is_published_while_slices_are_written_leaves_joined_and_in_order() -> None:
    hall = Hall(slice_members=1, writes_per_turn=1)
    seats = [hall.enter(f"s{number}") for number in range(3)]
    hall.publish()
    hall.turn()

    hall.publish(2)
    hall.rest()

    assert [seat.offsets for seat in seats] == [[1, 2, 3]] * 3
    assert [seat.writes for seat in seats] == [2, 2, 2]


def test_who_comes_while_slices_are_written_begins_behind_all_that_was_published() -> None:
    hall = Hall(slice_members=2, writes_per_turn=1)
    seats = [hall.enter(f"s{number}") for number in range(4)]
    hall.publish()
    hall.turn()
    hall.publish()

    newcomer = hall.enter("new")
    hall.publish()
    hall.rest()

    assert newcomer.subscribed[0].offset == 2
    assert newcomer.offsets == [3]
    assert all(seat.offsets == [1, 2, 3] for seat in seats)


def test_who_goes_on_purpose_has_everything_before_and_nothing_after() -> None:
    hall = Hall(slice_members=2, writes_per_turn=1)
    seats = [hall.enter(f"s{number}") for number in range(4)]
    hall.publish()

    hall.audience.leave(seats[3])
    hall.publish()
    hall.rest()

    assert seats[3].offsets == [1]
    assert [seat.offsets for seat in seats[:3]] == [[1, 2]] * 3


def test_a_member_that_pauses_within_its_own_write_disturbs_nobody() -> None:
    hall = Hall()
    seats = [hall.enter(f"s{number}") for number in range(5)]
    seats[0].high_water = 1
    seats[2].high_water = 1
    hall.publish()
    hall.turn()
    hall.publish()
    hall.rest()

    assert [seat.offsets for seat in seats] == [[1], [1, 2], [1], [1, 2], [1, 2]]
    assert hall.audience.members.fast_count == 3


def test_a_paused_member_gets_what_it_missed_in_slices_and_follows_again() -> None:
    hall = Hall(catch_up_bytes=200)
    slow, fast = hall.enter("slow"), hall.enter("fast")
    slow.pause()
    hall.publish(10)
    hall.rest()
    assert slow.offsets == []

    slow.is_writable = True
    hall.flush.catch_up(hall.audience, slow)  # type: ignore[arg-type]  # the fake fulfils Seat
    turns = hall.rest()
    hall.publish()
    hall.rest()

    assert turns > 2
    assert slow.offsets == fast.offsets == list(range(1, 12))
    assert hall.audience.members.fast_count == 2


def test_a_member_that_pauses_again_while_catching_up_goes_on_from_there() -> None:
    hall = Hall(catch_up_bytes=200)
    slow = hall.enter("slow")
    slow.pause()
    hall.publish(10)
    hall.rest()
    for _ in range(5):
        slow.is_writable, slow.high_water = True, 3
        hall.flush.catch_up(hall.audience, slow)  # type: ignore[arg-type]  # the fake fulfils Seat
        hall.rest()

    assert slow.offsets == list(range(1, 11))


def test_a_member_below_the_ring_is_told_to_subscribe_again() -> None:
    hall = Hall(ring_events=3)
    slow = hall.enter("slow")
    slow.pause()
    hall.publish(5)
    hall.rest()

    slow.is_writable = True
    hall.flush.catch_up(hall.audience, slow)  # type: ignore[arg-type]  # the fake fulfils Seat
    hall.rest()

    assert slow.unsubscribed == [(ROOM, RESUBSCRIBE)]
    assert hall.put_out == [slow]
    assert len(hall.audience.members) == 0


def test_a_session_may_leave_from_within_the_answer() -> None:
    hall = Hall()
    seat = FakeSeat("hasty")
    asked = seat.asks(ROOM)

    def leave(answer: object) -> None:
        assert isinstance(answer, Subscribed)
        hall.audience.leave(seat)  # type: ignore[arg-type]  # the fake fulfils Seat

    hall.audience.join(type(asked)(seat=asked.seat, room=ROOM, since=None, answer=leave), None)
    hall.publish()
    hall.rest()

    assert len(hall.audience.members) == 0
    assert hall.audience.presence.is_empty
    assert seat.heard == []


def test_chunks_do_not_pile_up_when_members_come_and_go() -> None:
    hall = Hall(slice_members=3)
    for round_number in range(20):
        seats = [hall.enter(f"{round_number} {number}") for number in range(10)]
        for seat in seats:
            hall.audience.disconnected(seat, clean=True)  # type: ignore[arg-type]  # the fake fulfils Seat

    assert len(list(hall.audience.members.chunks)) == 0
    assert hall.audience.members.fast_count == 0


def test_joins_and_leaves_are_told_to_those_who_asked_in_one_write() -> None:
    hall = Hall()
    asker = hall.enter("asker", wants_join_leave=True)
    hall.rest()
    asker.writes = 0
    quiet = hall.enter("quiet")
    hall.enter("other")
    hall.rest()

    assert [push["join"]["info"]["conn_info"]["name"] for push in asker.pushes] == ["quiet", "other"]
    assert asker.writes == 1
    assert quiet.pushes == []

    hall.audience.disconnected(quiet, clean=False)  # type: ignore[arg-type]  # the fake fulfils Seat
    hall.clock.ms += 9_999
    hall.alarms.ring(hall.clock.ms)
    hall.rest()
    assert len(asker.pushes) == 2
    hall.clock.ms += 1
    hall.alarms.ring(hall.clock.ms)
    hall.rest()
    assert asker.pushes[2]["leave"]["info"]["conn_info"]["name"] == "quiet"


def test_in_a_large_room_a_count_is_told_once_a_second() -> None:
    hall = Hall(presence_members=3)
    asker = hall.enter("asker", wants_join_leave=True)
    for number in range(10):
        hall.enter(f"s{number}")
    hall.rest()
    told = len(asker.pushes)

    hall.clock.ms += 1_000
    hall.alarms.ring(hall.clock.ms)
    hall.rest()

    assert told == 2
    assert asker.heard[-1]["data"] == {"presence": {"clients": 11, "actors": 11}}
    assert len(asker.pushes) == told
