"""A guest signs in: everything moves, once, and nobody else gets it."""

import msgspec
import pytest

from domain.event_codec import encode
from domain.ids import RoomAddress
from domain.kinds.person import PERSON
from domain.kinds.person import events as did
from domain.kinds.person.rules_of_claim import PART_MAX_BYTES, PART_ROOMS_MAX
from domain.kinds.person.state import Comparison, own_rooms, read_position
from domain.kinds.person.things import ComparedItem, Face, MovedFolder, Words
from domain.limits import PAYLOAD_MAX_BYTES
from domain.rejections import AlreadyExists, Malformed, WrongStatus
from tests.unit.domain.person.home import C1, C2, C3, GUEST, Home, deliver, knows
from tests.unit.domain.story import ADA, BEN, CLOCK

ITEMS = (ComparedItem(type="concept", id=C1),)
CONCEPT, CHAT, SHARE = RoomAddress(f"concept:{C1}"), RoomAddress(f"conversation:{C2}"), RoomAddress(f"share:{C3}")
GUEST_ID = GUEST.actor.id


def busy_guest() -> Home:
    guest = Home(GUEST)
    guest.given(GUEST, "make_folder", name="Vases", description="d", is_public=True, tags=("blue",), concept_ids=(C1, C2))
    guest.given(GUEST, "save_comparison", items=ITEMS, metadata={"why": "price"})
    search_id = guest.given(CLOCK, "note_search", query="blue vase", filters={"max": 5}, result_count=3)
    guest.given(GUEST, "note_click", search_id=search_id, thing_id=C1)
    guest.given(GUEST, "favour", concept_id=C3)
    for room in (CONCEPT, CHAT, SHARE):
        guest.given(CLOCK, "note_room", noted=room)
    guest.given(GUEST, "mark_read", read_room=CONCEPT, read_offset=4)
    return guest


def claimed(home: Home, guest: Home) -> list[tuple[RoomAddress, str]]:
    before = len(home.records)
    knows(home, guest)
    home.given(CLOCK, "claim", guest_id=guest.state.id, user_name="Ada")
    return deliver(home, guest, since=before)


def test_a_claim_tells_the_guests_room() -> None:
    home = Home(ADA)
    home.given(CLOCK, "claim", guest_id=GUEST_ID, user_name="Ada")

    (reaction,) = PERSON.reactions(home.records[-1])

    assert (reaction.target, reaction.name) == (f"person:{GUEST_ID}", "person.hand_over")
    assert reaction.payload == {"user_id": ADA.actor.id, "user_name": "Ada"}
    assert (reaction.refusal, reaction.refusal_payload) == ("person.undo_claim", {"guest_id": GUEST_ID})


def test_everything_moves_to_the_person() -> None:
    home, guest = Home(ADA), busy_guest()

    elsewhere = claimed(home, guest)

    (folder,) = home.state.folders.values()
    assert (folder.name, folder.description, folder.is_public, folder.tags) == ("Vases", "d", True, ("blue",))
    assert folder.concept_ids == (C1, C2)
    (comparison,) = home.state.comparisons.values()
    assert isinstance(comparison, Comparison)
    assert (comparison.items, comparison.metadata) == (ITEMS, {"why": "price"})
    (search,) = home.state.searches
    assert (search.query, search.filters, search.result_count, search.clicked) == ("blue vase", {"max": 5}, 3, (C1,))
    assert set(home.state.favourites) == {C3}
    assert own_rooms(home.state) == (CONCEPT, CHAT, SHARE)
    assert read_position(home.state, CONCEPT) == 4
    assert elsewhere == [(CONCEPT, "concept.claim"), (CHAT, "conversation.claim"), (SHARE, "share.claim")]


def test_the_rooms_are_told_from_whom_to_whom() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)

    told = [reaction for record in guest.records for reaction in PERSON.reactions(record) if reaction.target == CONCEPT]

    assert [reaction.payload for reaction in told] == [{"guest_id": GUEST_ID, "user_id": ADA.actor.id, "user_name": "Ada"}]


def test_nothing_stays_with_the_guest_who_is_told_to_sign_in() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)

    state = guest.state
    assert not (state.folders or state.comparisons or state.searches or state.favourites or state.rooms or state.positions)
    assert guest.view.handed_to == ADA.actor.id
    with pytest.raises(WrongStatus, match="sign in here too"):
        guest.when(GUEST, "make_folder", name="More")


def test_claiming_the_same_guest_again_changes_nothing() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)
    knows(home, guest)

    assert home.when(CLOCK, "claim", guest_id=GUEST_ID, user_name="Ada") == ()
    assert guest.when(CLOCK, "hand_over", user_id=ADA.actor.id) == ()
    assert len(home.state.folders) == 1


def test_what_has_been_taken_over_is_taken_over_once_only() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)
    (taken,) = [record.event for record in home.records if isinstance(record.event, did.ContentsTakenOver)]

    assert len(home.state.folders) == len(taken.folders) == 1
    assert home.when(CLOCK, "take_over", guest_id=GUEST_ID, favourites=taken.favourites, rooms=taken.rooms) == ()


def test_a_guest_is_claimed_by_one_person_alone() -> None:
    home, guest, ben = Home(ADA), busy_guest(), Home(BEN)
    claimed(home, guest)
    knows(ben, guest)

    with pytest.raises(AlreadyExists, match="somebody else"):
        ben.when(CLOCK, "claim", guest_id=GUEST_ID)
    with pytest.raises(AlreadyExists, match="somebody else"):
        guest.when(CLOCK, "hand_over", user_id=BEN.actor.id)


def test_of_two_claims_at_once_the_second_is_undone() -> None:
    ben = Home(BEN)
    ben.given(CLOCK, "claim", guest_id=GUEST_ID)

    assert ben.when(CLOCK, "undo_claim", guest_id=GUEST_ID, reason="somebody was first") == (
        did.ClaimUndone(guest_id=GUEST_ID, reason="somebody was first"),
    )
    assert ben.when(CLOCK, "undo_claim", guest_id=GUEST_ID, reason="somebody was first") == ()
    assert ben.state.claimed == ()


def test_nobody_claims_or_hands_over_to_themselves() -> None:
    with pytest.raises(Malformed, match="their own room"):
        Home(ADA).when(CLOCK, "claim", guest_id=ADA.actor.id)
    with pytest.raises(AlreadyExists, match="somebody else"):
        Home(GUEST).when(CLOCK, "hand_over", user_id=GUEST_ID)


def test_a_room_that_is_noted_later_is_claimed_at_once() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)
    before = len(guest.records)
    late = RoomAddress(f"conversation:{C3}")

    guest.given(CLOCK, "note_room", noted=late)
    elsewhere = deliver(guest, home, since=before)

    assert elsewhere == [(late, "conversation.claim")]
    assert own_rooms(home.state)[-1] == late


def test_a_notification_for_the_guest_reaches_the_person() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)
    before = len(guest.records)

    guest.given(CLOCK, "notify", what="video_completed", source=CONCEPT, thing_id=C2, by=Face(id=BEN.actor.id), title="Vase", at=5)
    deliver(guest, home, since=before)

    (told,) = home.view.notifications
    assert (told.what, told.source, told.thing_id, told.title, told.at) == ("video_completed", CONCEPT, C2, "Vase", 5)
    assert told.by == Face(id=BEN.actor.id)


def test_the_persons_own_things_stay_as_they_are() -> None:
    home, guest = Home(ADA), busy_guest()
    home.given(ADA, "make_folder", name="Mine")
    home.given(ADA, "favour", concept_id=C3)
    home.given(ADA, "mark_read", read_room=CONCEPT, read_offset=9)
    home.given(CLOCK, "note_room", noted=CONCEPT)

    claimed(home, guest)

    assert sorted(folder.name for folder in home.state.folders.values()) == ["Mine", "Vases"]
    assert read_position(home.state, CONCEPT) == 9
    assert own_rooms(home.state) == (CONCEPT, CHAT, SHARE)


def test_a_higher_position_of_the_guest_wins() -> None:
    home, guest = Home(ADA), busy_guest()
    home.given(ADA, "mark_read", read_room=CONCEPT, read_offset=2)

    claimed(home, guest)

    (taken,) = [record.event for record in home.records if isinstance(record.event, did.ContentsTakenOver)]
    assert (taken.positions, taken.known_positions) == (((CONCEPT, 4),), (CONCEPT,))
    assert read_position(home.state, CONCEPT) == 4


def test_what_finds_no_room_is_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("FOLDERS_MAX", "COMPARISONS_MAX", "FAVOURITES_MAX", "OWN_ROOMS_MAX", "POSITIONS_MAX"):
        monkeypatch.setattr(f"domain.kinds.person.rules_of_claim.{bound}", 0)
    home, guest = Home(ADA), busy_guest()

    claimed(home, guest)

    (taken,) = [record.event for record in home.records if isinstance(record.event, did.ContentsTakenOver)]
    assert taken.left_out == 6
    assert (taken.folders, taken.comparisons, taken.favourites, taken.rooms, taken.positions) == ((), (), (), (), ())
    assert [words.text for words in taken.words] == ["blue vase"]


def test_a_folder_too_full_for_what_is_left_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.kinds.person.rules_of_claim.FOLDER_IDS_TOTAL_MAX", 1)
    folders = (MovedFolder(id=C1, concept_ids=(C1, C2)), MovedFolder(id=C2, concept_ids=(C3,)))

    (event,) = Home(ADA).when(CLOCK, "take_over", guest_id=GUEST_ID, folders=folders, words=(Words(id=C1, text="Two"),))

    assert isinstance(event, did.ContentsTakenOver)
    assert [folder.concept_ids for folder in event.folders] == [(C3,)]
    assert (event.words, event.left_out) == ((), 1)


def test_an_empty_guest_has_nothing_to_hand_over() -> None:
    guest = Home(GUEST)

    assert guest.when(CLOCK, "hand_over", user_id=ADA.actor.id, user_name="Ada") == (
        did.HandedOver(user_id=ADA.actor.id, user_name="Ada"),
    )


def test_the_fullest_guest_moves_in_parts_that_a_command_can_carry() -> None:
    guest = Home(GUEST)
    for number in range(20):
        guest.given(GUEST, "make_folder", name="\x01" * 200, description="\x01" * 2_000, tags=[f"{number}€" * 10] * 20)
        guest.given(GUEST, "save_comparison", items=ITEMS * 50, metadata={"a": "x" * 4_000})
        guest.given(CLOCK, "note_search", query="\x01" * 500, filters={"a": "x" * 16_000}, result_count=1)
    for number in range(1_000):
        guest.given(CLOCK, "note_room", noted=f"concept:{number}")

    events = guest.when(CLOCK, "hand_over", user_id=ADA.actor.id)

    parts = [event for event in events if isinstance(event, did.ContentsHandedOver)]
    assert sum(len(part.rooms) for part in parts) == 1_000
    assert sum(len(part.folders) for part in parts) == 20
    assert all(len(part.rooms) <= PART_ROOMS_MAX for part in parts)
    home = Home(ADA)
    for record in guest.records[-len(events) :]:
        for reaction in PERSON.reactions(record):
            assert len(encode(reaction.payload)) < PAYLOAD_MAX_BYTES
            assert len(encode(reaction.payload)) < 2 * PART_MAX_BYTES
    assert deliver(guest, home, since=len(guest.records) - len(events))
    assert len(home.state.rooms) == 1_000
    assert [folder.name for folder in home.state.folders.values()] == ["\x01" * 200] * 20


def test_words_that_were_redacted_leave_the_things() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)
    state = PERSON.initial(home.room)
    for record in home.records:
        event = record.event
        if isinstance(event, did.ContentsTakenOver):
            event = msgspec.structs.replace(event, words=())
        state = PERSON.evolve(state, msgspec.structs.replace(record, event=event))

    (folder,) = state.folders.values()
    assert (folder.name, folder.concept_ids) == ("", (C1, C2))
