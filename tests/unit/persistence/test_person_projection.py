"""What happens in a person's room, as rows: coalesced or one by one the same, and the same as the rules' own state."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_codec import decode, encode
from domain.ids import RoomAddress, ThingId
from domain.kinds.person import events as did
from domain.kinds.person.state import AiPreferences, Person
from domain.kinds.person.ticks import ListEntry
from domain.record import Record
from domain.redaction import redacted
from persistence.write_behind.projections.person import ROWS, TABLES, Filled, operations, touches
from persistence.write_behind.projections.person_claims import favourite_id, own_room_id, position_id
from persistence.write_behind.row_operations import Delete, Insert, Plan, Update, coalesce
from tests.support.rows import Tables, apply
from tests.unit.domain.person.home import C1, GUEST, HASH, Home
from tests.unit.domain.person.samples import ITEMS, SAMPLES
from tests.unit.domain.person.test_claims import busy_guest, claimed
from tests.unit.domain.person.test_replay import lives
from tests.unit.domain.story import ADA, CLOCK, record_of

some = settings(max_examples=60, deadline=None)


def plan_of(records: Sequence[Record]) -> Plan:
    return coalesce((record.room, operations(record)) for record in records)


def one_by_one(home: Home) -> Tables:
    return apply({}, [plan_of([record]) for record in home.records])


def rows_of(tables: Tables, table: str) -> dict[str, dict[str, Any]]:
    return tables.get(table, {})


def test_every_event_has_its_rows() -> None:
    assert set(ROWS) == set(did.EVENTS)
    for number, sample in enumerate(SAMPLES, 1):
        for operation in operations(record_of(Home(ADA).room, number, sample)):
            assert operation.table in TABLES


@some
@given(lives(), st.data())
def test_coalesced_in_batches_equals_one_by_one(home: Home, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(home.records)), max_size=4)))
    edges = [0, *cuts, len(home.records)]
    batches = [home.records[start:end] for start, end in pairwise(edges)]

    assert apply({}, [plan_of(batch) for batch in batches]) == one_by_one(home)


@some
@given(lives())
def test_rows_say_what_the_rules_state_says(home: Home) -> None:
    tables, state = one_by_one(home), home.state

    folders = rows_of(tables, "concept_folders")
    assert set(folders) == set(state.folders)
    for key, folder in state.folders.items():
        row = folders[key]
        assert (row["name"], row["description"], row["is_public"]) == (folder.name, folder.description, folder.is_public)
        assert (tuple(row["tags"]), tuple(row["concept_ids"])) == (folder.tags, folder.concept_ids)
        assert row["created_at"] == folder.made_at
    comparisons = rows_of(tables, "comparison_sets")
    assert {key: (tuple(row["items"]), row["metadata"]) for key, row in comparisons.items()} == {
        key: (one.items, one.metadata) for key, one in state.comparisons.items()
    }
    searches = rows_of(tables, "search_history")
    for search in state.searches:
        row = searches[search.id]
        assert (row["query"], row["filters"], row["result_count"]) == (search.query, search.filters, search.result_count)
        assert tuple(row["clicked"]) == search.clicked
    _same_marks(tables, state)
    _same_once(tables, state)


def _same_marks(tables: Tables, state: Person) -> None:
    notifications = rows_of(tables, "notifications")
    assert {key: row.get("read_at") is not None for key, row in notifications.items()} == {
        one.id: one.is_read for one in state.notifications
    }
    assert {row["room"]: row["offset"] for row in rows_of(tables, "read_positions").values()} == {
        room: one.offset for room, one in state.positions.items()
    }
    assert {row["room"] for row in rows_of(tables, "own_rooms").values()} == set(state.rooms)
    assert {row["concept_id"] for row in rows_of(tables, "favourites").values()} == set(state.favourites)
    assert {key: (row["kind"], row["name"]) for key, row in rows_of(tables, "push_subscriptions").items()} == {
        key: (one.kind, one.name) for key, one in state.devices.items()
    }


def _same_once(tables: Tables, state: Person) -> None:
    assert (state.id in rows_of(tables, "user_style_profiles")) == state.has_style_profile
    row = rows_of(tables, "user_ai_preferences").get(state.id)
    if row is None:
        assert state.ai_preferences is None
        return
    kept = {name: row[name] for name in AiPreferences.__struct_fields__}
    assert decode(encode(kept), AiPreferences) == state.ai_preferences


@some
@given(lives())
def test_redacted_events_make_the_same_rows_without_words(home: Home) -> None:
    blank = [record_of(one.room, one.offset, redacted(one.event), one.actor, at_ms=one.time_ms) for one in home.records]

    for record, original in zip(blank, home.records, strict=True):
        assert [type(operation) for operation in operations(record)] == [type(operation) for operation in operations(original)]


def test_a_guests_comparisons_and_searches_hang_on_the_session_and_a_persons_on_the_person() -> None:
    guest, home = Home(GUEST), Home(ADA)
    guest.given(GUEST, "save_comparison", items=ITEMS)
    guest.given(CLOCK, "note_search", query="q", result_count=1, session_hash=HASH)
    home.given(ADA, "save_comparison", items=ITEMS)
    home.given(CLOCK, "note_search", query="q", result_count=1)

    for table in ("comparison_sets", "search_history"):
        (of_guest,) = rows_of(one_by_one(guest), table).values()
        (of_ada,) = rows_of(one_by_one(home), table).values()
        assert (of_guest["user_id"], of_guest["session_token"]) == (None, HASH)
        assert (of_ada["user_id"], of_ada["session_token"]) == (ADA.actor.id, None)


def test_what_moves_is_gone_at_the_guests_and_new_at_the_persons() -> None:
    home, guest = Home(ADA), busy_guest()
    claimed(home, guest)

    left, moved = one_by_one(guest), one_by_one(home)

    assert not any(left.values())
    (folder,) = moved["concept_folders"].values()
    assert (folder["user_id"], folder["name"], folder["tags"]) == (ADA.actor.id, "Vases", ("blue",))
    (search,) = moved["search_history"].values()
    assert (search["user_id"], search["query"], search["filters"]) == (ADA.actor.id, "blue vase", {"max": 5})
    (comparison,) = moved["comparison_sets"].values()
    assert (comparison["user_id"], comparison["metadata"]) == (ADA.actor.id, {"why": "price"})
    assert len(moved["own_rooms"]) == 3


def test_what_makes_room_goes_with_its_row() -> None:
    old, new = RoomAddress("share:old"), RoomAddress("share:new")
    user = ADA.actor.id
    home = Home(ADA)

    read = operations(record_of(home.room, 1, did.RoomRead(read_room=new, read_offset=1, is_first=True, dropped=old)))
    noted = operations(record_of(home.room, 2, did.RoomNoted(noted=new, dropped=old)))
    told = operations(record_of(home.room, 3, did.Notified(what="reply", source=new, at=5, unread_count=200, settled=ThingId(C1))))

    assert read[-1] == Delete("read_positions", position_id(user, old))
    assert noted[-1] == Delete("own_rooms", own_room_id(user, old))
    assert isinstance(told[0], Insert)
    assert isinstance(told[1], Update)
    assert (told[1].key, set(told[1].values)) == (C1, {"read_at"})


def test_natural_keys_tell_people_and_things_apart() -> None:
    ids = {favourite_id("a", "b"), position_id("a", "b"), own_room_id("a", "b"), own_room_id("b", "a")}

    assert len(ids) == 4


def test_filling_keeps_the_order_and_holds_nothing_twice() -> None:
    change = Filled((ThingId("c"), ThingId("d")), (ThingId("a"),))

    assert change.apply({"concept_ids": ["a", "b"]}) == ("b", "c", "d")
    assert change.apply({"concept_ids": change.apply({"concept_ids": ["a", "b"]})}) == ("b", "c", "d")
    assert change.apply({}) == ("c", "d")


def test_a_line_of_the_own_list_leaves_no_row() -> None:
    assert touches(Home(ADA).room, ListEntry(key="room:x", room=RoomAddress("x"), name="x")) == ()
