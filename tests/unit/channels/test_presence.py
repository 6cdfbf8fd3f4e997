"""Who is here: by actor, with a count of devices."""

from channels.presence import Presence
from channels.seats import PresenceCount
from tests.support.fake_seats import FakeSeat, identity


def seat(name: str, device: str) -> FakeSeat:
    seat = FakeSeat(name, who=identity(name))
    seat.client_id = device
    return seat


def test_only_the_first_device_comes_and_only_the_last_one_goes() -> None:
    presence = Presence()
    phone, laptop = seat("ada", "phone"), seat("ada", "laptop")

    joined = presence.join(phone)
    assert joined is not None
    assert joined.clients == ("phone",)
    assert presence.join(laptop) is None
    assert presence.count() == PresenceCount(clients=2, actors=1)

    assert presence.leave(phone, 5_000) is None
    assert presence.leave(laptop, 5_000) == 5_000
    assert [present.clients for present in presence.present()] == [("laptop",)]


def test_who_is_back_before_the_leave_was_told_never_left() -> None:
    presence = Presence()
    presence.join(seat("ada", "phone"))
    presence.leave(seat("ada", "phone"), 5_000)

    assert presence.join(seat("ada", "laptop")) is None
    assert presence.take_left(9_000) == []
    assert [present.clients for present in presence.present()] == [("laptop",)]


def test_a_leave_is_told_once_when_it_is_due() -> None:
    presence = Presence()
    presence.join(seat("ada", "phone"))
    presence.leave(seat("ada", "phone"), 5_000)

    assert presence.take_left(4_999) == []
    assert [present.actor.name for present in presence.take_left(5_000)] == ["ada"]
    assert presence.take_left(6_000) == []
    assert presence.is_empty
