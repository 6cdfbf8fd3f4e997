"""The inbox, the own list and read positions."""

import pytest

from domain.decider import Listing
from domain.ids import ActorId, RoomAddress
from domain.kinds.person import PERSON
from domain.kinds.person import events as did
from domain.kinds.person import state as bounds
from domain.kinds.person.state import NOTIFICATIONS_MAX, own_rooms, read_position
from domain.kinds.person.things import Face
from domain.kinds.person.ticks import ListEntry
from domain.rejections import Malformed, UnknownThing
from tests.unit.domain.person.home import C1, C2, Home
from tests.unit.domain.story import ADA, BEN, CLOCK

SHARE, CONCEPT = RoomAddress(f"share:{C1}"), RoomAddress(f"concept:{C1}")
BEN_FACE = Face(id=BEN.actor.id, name="Ben")


def test_a_notification_says_what_where_and_by_whom() -> None:
    home = Home(ADA)

    events = home.when(CLOCK, "notify", what="mention", source=SHARE, thing_id=C2, by=BEN_FACE, title="Vase", at=5)

    assert events == (did.Notified(what="mention", source=SHARE, thing_id=C2, by=BEN_FACE, title="Vase", at=5, unread_count=1),)
    assert home.view.unread_count == 1
    assert home.view.notifications[0].by == BEN_FACE


def test_nobody_is_told_what_they_did_themselves() -> None:
    assert Home(ADA).when(CLOCK, "notify", what="comment", source=SHARE, by=Face(id=ADA.actor.id), at=5) == ()


def test_without_a_time_a_notification_is_of_now() -> None:
    home = Home(ADA)

    (event,) = home.when(CLOCK, "notify", what="comment", source=SHARE)
    assert isinstance(event, did.Notified)
    assert event.at == home.at_ms


def test_named_notifications_are_settled_once() -> None:
    home = Home(ADA)
    first, second = home.notified(1), home.notified(2)

    assert home.when(ADA, "settle_notifications", notification_ids=(first,)) == (
        did.NotificationsSettled(notification_ids=(first,), unread_count=1),
    )
    assert home.when(ADA, "settle_notifications", notification_ids=(first,)) == ()
    assert [one.is_read for one in home.view.notifications] == [True, False]
    assert home.results(ADA, "settle_notifications", notification_ids=(first, second)) == {"unread_count": 0}


def test_all_up_to_an_offset_are_settled() -> None:
    home = Home(ADA)
    ids = [home.notified(number) for number in range(3)]

    assert home.when(ADA, "settle_notifications", up_to=2) == (
        did.NotificationsSettled(notification_ids=tuple(ids[:2]), unread_count=1),
    )


def test_settling_names_ids_or_an_offset() -> None:
    home = Home(ADA)
    known = home.notified()

    with pytest.raises(Malformed, match="notification_ids, or up_to"):
        home.when(ADA, "settle_notifications")
    with pytest.raises(Malformed, match="notification_ids, or up_to"):
        home.when(ADA, "settle_notifications", notification_ids=(known,), up_to=1)
    with pytest.raises(UnknownThing, match="newest 200"):
        home.when(ADA, "settle_notifications", notification_ids=(C1,))


def test_an_unread_notification_that_falls_out_counts_as_read() -> None:
    home = Home(ADA)
    ids = [home.notified(number) for number in range(NOTIFICATIONS_MAX)]
    home.given(ADA, "settle_notifications", notification_ids=(ids[1],))

    (first,) = home.when(CLOCK, "notify", what="reply", source=SHARE)
    (second,) = home.when(CLOCK, "notify", what="reply", source=SHARE)

    assert isinstance(first, did.Notified)
    assert isinstance(second, did.Notified)
    assert (first.settled, first.unread_count) == (ids[0], NOTIFICATIONS_MAX - 1)
    assert (second.settled, second.unread_count) == (None, NOTIFICATIONS_MAX)
    assert home.state.unread_count == NOTIFICATIONS_MAX


def test_the_highest_position_wins_and_a_lower_one_changes_nothing() -> None:
    home = Home(ADA)

    assert home.when(ADA, "mark_read", read_room=SHARE, read_offset=7) == (
        did.RoomRead(read_room=SHARE, read_offset=7, is_first=True),
    )
    assert home.when(ADA, "mark_read", read_room=SHARE, read_offset=7) == ()
    assert home.when(ADA, "mark_read", read_room=SHARE, read_offset=3) == ()
    assert home.when(ADA, "mark_read", read_room=SHARE, read_offset=9) == (did.RoomRead(read_room=SHARE, read_offset=9),)
    assert (read_position(home.state, SHARE), read_position(home.state, CONCEPT)) == (9, 0)
    assert home.when(ADA, "mark_read", read_room=CONCEPT, read_offset=0) == ()


def test_the_position_that_was_moved_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.kinds.person.rules_of_inbox.POSITIONS_MAX", 2)
    home = Home(ADA)
    for room in (SHARE, CONCEPT):
        home.given(ADA, "mark_read", read_room=room, read_offset=1)
    home.given(ADA, "mark_read", read_room=SHARE, read_offset=2)

    (event,) = home.when(ADA, "mark_read", read_room="quote:x", read_offset=1)

    assert event == did.RoomRead(read_room=RoomAddress("quote:x"), read_offset=1, is_first=True, dropped=CONCEPT)
    assert set(home.state.positions) == {SHARE, "quote:x"}


def test_a_room_comes_into_the_own_list_once_and_leaves_it_once() -> None:
    home = Home(ADA)

    assert home.when(CLOCK, "note_room", noted=CONCEPT) == (did.RoomNoted(noted=CONCEPT),)
    assert home.when(CLOCK, "note_room", noted=CONCEPT) == ()
    home.given(CLOCK, "note_room", noted=SHARE)
    assert own_rooms(home.state) == (CONCEPT, SHARE)
    assert PERSON.live_keys(home.state) == {f"room:{CONCEPT}", f"room:{SHARE}"}
    assert home.when(CLOCK, "forget_room", noted=CONCEPT) == (did.RoomForgotten(noted=CONCEPT),)
    assert home.when(CLOCK, "forget_room", noted=CONCEPT) == ()
    assert own_rooms(home.state) == (SHARE,)


def test_the_room_that_was_noted_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.kinds.person.rules_of_inbox.OWN_ROOMS_MAX", 1)
    home = Home(ADA)
    home.given(CLOCK, "note_room", noted=CONCEPT)

    assert home.when(CLOCK, "note_room", noted=SHARE) == (did.RoomNoted(noted=SHARE, dropped=CONCEPT),)
    assert own_rooms(home.state) == (SHARE,)


def test_a_line_of_the_own_list_counts_what_others_said_behind_the_read_position() -> None:
    home = Home(ADA)
    home.given(CLOCK, "note_room", noted=SHARE)
    spoken = ((3, BEN.actor.id), (4, ADA.actor.id), (5, BEN.actor.id))
    listing = Listing(name="Vase", status="open", step="s", progress=40, at_ms=9, spoken=spoken)
    home.given(ADA, "mark_read", read_room=SHARE, read_offset=3)

    entry = PERSON.list_entry(home.state, SHARE, listing)

    assert entry == ListEntry(key=f"room:{SHARE}", room=SHARE, name="Vase", status="open", step="s", progress=40, at=9, unread=1)
    assert PERSON.list_entry(home.state, CONCEPT, listing) is None


def test_what_the_server_asks_is_never_refused_for_a_bound() -> None:
    named = {name for name in vars(bounds) if name.endswith("_MAX")}

    assert {"NOTIFICATIONS_MAX", "POSITIONS_MAX", "OWN_ROOMS_MAX", "SEARCHES_MAX", "CLAIMED_MAX"} <= named
    home = Home(ADA)
    for number in range(NOTIFICATIONS_MAX + 5):
        home.notified(number)
        home.given(CLOCK, "note_search", query="q", result_count=0)
        home.given(CLOCK, "claim", guest_id=ActorId(home.records[-1].id))
    assert len(home.state.notifications) == NOTIFICATIONS_MAX
    assert len(home.state.searches) == bounds.SEARCHES_MAX
    assert len(home.state.claimed) == bounds.CLAIMED_MAX
