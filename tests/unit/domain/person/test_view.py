"""What a person is given on entering their room, and that it fits."""

import msgspec

from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.kinds.person.fitting import NOTIFICATIONS_SHOWN, ROOMS_SHOWN, VIEW_MAX_BYTES
from domain.kinds.person.things import Face
from domain.kinds.person.view import OwnRoom, PersonView, ShownFolder
from tests.unit.domain.person.home import C1, C2, Home
from tests.unit.domain.story import ADA, BEN, CLOCK


def test_an_empty_room_has_an_empty_view() -> None:
    assert Home(ADA).view == PersonView(id=ADA.actor.id)


def test_the_newest_fifty_notifications_stand_in_it_oldest_first() -> None:
    home = Home(ADA)
    ids = [home.notified(number) for number in range(60)]

    assert [one.id for one in home.view.notifications] == ids[10:]
    assert len(home.view.notifications) == NOTIFICATIONS_SHOWN
    assert home.view.unread_count == 60


def test_a_notification_has_its_place_for_settling_up_to_it() -> None:
    home = Home(ADA)
    home.notified()

    plain = msgspec.json.decode(encode(home.view.notifications[0]))
    assert plain["offset"] == home.records[-1].offset
    assert (plain["what"], plain["is_read"], plain["by"]) == ("reply", False, None)


def test_rooms_stand_in_it_with_how_far_they_were_read() -> None:
    home = Home(ADA)
    home.given(CLOCK, "note_room", noted=f"concept:{C1}")
    noted_at = home.at_ms
    home.given(ADA, "mark_read", read_room=f"concept:{C1}", read_offset=4)
    home.given(ADA, "mark_read", read_room="share:elsewhere", read_offset=4)

    assert home.view.rooms == (OwnRoom(room=RoomAddress(f"concept:{C1}"), noted_at=noted_at, read_offset=4),)


def test_the_newest_two_hundred_rooms_stand_in_it_and_all_are_counted() -> None:
    home = Home(ADA)
    for number in range(250):
        home.given(CLOCK, "note_room", noted=f"concept:{number}")

    assert [one.room for one in home.view.rooms] == [f"concept:{number}" for number in range(50, 250)]
    assert len(home.view.rooms) == ROOMS_SHOWN
    assert home.view.room_count == 250


def test_folders_stand_in_it_by_name_in_the_order_of_their_making() -> None:
    home = Home(ADA)
    first = home.given(ADA, "make_folder", name="Vases", concept_ids=(C1, C2))
    second = home.given(ADA, "make_folder", name="Cups", is_public=True)
    home.given(ADA, "change_folder", folder_id=first, name="Old vases")

    assert home.view.folders == (
        ShownFolder(id=first, name="Old vases", concept_count=2),
        ShownFolder(id=second, name="Cups", is_public=True),
    )


def test_the_fullest_room_fits_and_every_part_is_there() -> None:
    home = Home(ADA)
    face = Face(id=BEN.actor.id, name="\x01" * 255, image="\x01" * 2_000)
    for number in range(200):
        home.given(ADA, "make_folder", name="\x01" * 200)
        home.given(CLOCK, "note_room", noted=f"concept:{number}" + "€" * 240)
        home.notified(by=face, title="\x01" * 200)

    view = home.view
    assert len(encode(view)) <= VIEW_MAX_BYTES
    assert 0 < len(view.folders) < 200
    assert 0 < len(view.rooms) < 200
    assert 0 < len(view.notifications) < NOTIFICATIONS_SHOWN
    assert view.notifications[-1].id == home.records[-1].id
    assert view.rooms[-1].room.startswith("concept:199")
    assert (view.unread_count, view.room_count) == (200, 200)
    assert view.folders[0].name == "\x01" * 200
