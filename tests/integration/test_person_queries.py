"""What the HTTP API reads of people's own rooms."""

import pytest

from persistence.database import Database
from persistence.queries.folders import folder_by_id, list_own_folders, list_public_folders, public_query
from persistence.queries.inbox import (
    By,
    UnreadRoom,
    inbox_query,
    list_inbox,
    list_rooms,
    read_offset_of,
    rooms_query,
    unread_in_inbox,
    unread_rooms,
)
from persistence.queries.library import (
    AiPreferences,
    Owner,
    StyleProfile,
    ai_preferences_of,
    comparison_by_id,
    list_comparisons,
    list_devices,
    list_favourites,
    list_searches,
    searches_query,
    style_profile_of,
)
from persistence.queries.rows import Face
from tests.support.person_rows import (
    HASH,
    comparison,
    device,
    favourite,
    folder,
    logged,
    notification,
    own_room,
    position,
    search,
)
from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id, person, stored

ADA, BOB = new_id(), new_id()
OF_ADA, OF_GUEST = Owner(id=ADA), Owner(id=BOB, session_hash=HASH)
SPOKEN = {"share": ["comment_added", "comment_edited"], "conversation": ["message_added"]}


@pytest.fixture
async def filled(database: Database) -> Database:
    await stored(database, person(ADA, "Ada"), person(BOB, "Bob"))
    return database


# --- Folders ---


async def test_ones_own_folders_come_newest_first_page_by_page(filled: Database) -> None:
    ids = [new_id() for _ in range(5)]
    await stored(filled, *(folder(one, ADA, seconds) for seconds, one in enumerate(ids)), folder(new_id(), BOB, 9))

    first = await list_own_folders(filled, ADA, limit=3)
    second = await list_own_folders(filled, ADA, after=first.after, limit=3)

    assert [one.id for one in (*first.items, *second.items)] == ids[::-1]
    assert second.after is None


async def test_public_folders_are_found_by_tag_and_say_whose_they_are(filled: Database) -> None:
    blue, red, own = new_id(), new_id(), new_id()
    await stored(
        filled,
        folder(blue, ADA, 1, is_public=True, tags=["blue", "glass"], concept_ids=[new_id(), new_id()]),
        folder(red, BOB, 2, is_public=True, tags=["red"]),
        folder(own, ADA, 3, tags=["blue"]),
    )

    every, tagged = await list_public_folders(filled), await list_public_folders(filled, tag="blue")

    assert [one.id for one in every.items] == [red, blue]
    (found,) = tagged.items
    assert (found.id, found.tags, found.concept_count) == (blue, ("blue", "glass"), 2)
    assert found.owner == Face(id=ADA, name="Ada", image="https://img/Ada")


async def test_a_folder_is_there_for_its_owner_and_a_public_one_for_everybody(filled: Database) -> None:
    own, public, concept = new_id(), new_id(), new_id()
    await stored(filled, folder(own, ADA, concept_ids=[concept]), folder(public, ADA, is_public=True))

    mine, shown = await folder_by_id(filled, own, ADA), await folder_by_id(filled, public, BOB)

    assert mine is not None
    assert mine.concept_ids == (concept,)
    assert shown is not None
    assert await folder_by_id(filled, own, BOB) is None
    assert await folder_by_id(filled, new_id(), ADA) is None


# --- What is kept ---


async def test_favourites_are_ones_own(filled: Database) -> None:
    concepts = [new_id() for _ in range(3)]
    await stored(filled, *(favourite(ADA, one, seconds) for seconds, one in enumerate(concepts)), favourite(BOB, concepts[0]))

    first = await list_favourites(filled, OF_ADA, limit=2)
    second = await list_favourites(filled, OF_ADA, after=first.after, limit=2)

    assert [one.concept_id for one in (*first.items, *second.items)] == concepts[::-1]


async def test_a_guests_things_are_found_by_the_session_and_a_persons_by_the_person(filled: Database) -> None:
    of_ada, of_guest = new_id(), new_id()
    await stored(
        filled,
        comparison(of_ada, 1, user_id=ADA, metadata={"why": "price"}),
        comparison(of_guest, 2, session_token=HASH),
        search(of_ada, 1, user_id=ADA, filters={"max": 5}, clicked=[of_guest]),
        search(of_guest, 2, session_token=HASH),
    )

    assert [one.id for one in (await list_comparisons(filled, OF_ADA)).items] == [of_ada]
    assert [one.id for one in (await list_comparisons(filled, OF_GUEST)).items] == [of_guest]
    (found,) = (await list_searches(filled, OF_ADA)).items
    assert (found.id, found.filters, found.clicked) == (of_ada, {"max": 5}, (of_guest,))
    assert [one.id for one in (await list_searches(filled, OF_GUEST)).items] == [of_guest]
    single = await comparison_by_id(filled, OF_ADA, of_ada)
    assert single is not None
    assert (single.metadata, single.items[0].type) == ({"why": "price"}, "concept")
    assert await comparison_by_id(filled, OF_ADA, of_guest) is None


async def test_comparisons_and_searches_come_page_by_page(filled: Database) -> None:
    ids = [new_id() for _ in range(3)]
    for seconds, one in enumerate(ids):
        await stored(filled, comparison(one, seconds, user_id=ADA), search(one, seconds, user_id=ADA))

    comparisons = await list_comparisons(filled, OF_ADA, limit=2)
    searches = await list_searches(filled, OF_ADA, limit=2)

    assert [one.id for one in comparisons.items] == [one.id for one in searches.items] == ids[:0:-1]
    assert [one.id for one in (await list_comparisons(filled, OF_ADA, after=comparisons.after)).items] == ids[:1]
    assert [one.id for one in (await list_searches(filled, OF_ADA, after=searches.after)).items] == ids[:1]


async def test_profile_and_preferences_are_defaults_until_they_are_set(filled: Database) -> None:
    assert await style_profile_of(filled, OF_ADA) == StyleProfile()
    assert await ai_preferences_of(filled, OF_ADA) == AiPreferences()
    kept = {"preferred_models": b'["gpt-4o"]', "model_weights": b'{"gpt-4o":0.5}', "enable_deep_thinking": True}
    times = {"created_at": at(1), "updated_at": at(2)}
    await stored(
        filled,
        Row("user_style_profiles", {"id": ADA, "user_id": ADA, "profile_data": b'{"warm":1}', **times}),
        Row("user_ai_preferences", {"id": ADA, "user_id": ADA, **kept, **times}),
    )

    assert await style_profile_of(filled, OF_ADA) == StyleProfile(profile={"warm": 1}, created_at=at(1), updated_at=at(2))
    preferences = await ai_preferences_of(filled, OF_ADA)
    assert (preferences.preferred_models, preferences.model_weights) == (("gpt-4o",), {"gpt-4o": 0.5})
    assert (preferences.default_generation_mode, preferences.enable_deep_thinking) == ("creative", True)


async def test_devices_are_told_without_endpoint_and_keys(filled: Database) -> None:
    await stored(filled, device(ADA), device(ADA, "a-token", kind="fcm", created_at=at(1)), device(BOB))

    newest, oldest = await list_devices(filled, OF_ADA)

    assert (newest.kind, newest.host) == ("fcm", "")
    assert (oldest.kind, oldest.host, oldest.name) == ("web", "push.example", "Phone")
    assert "secret" not in repr((newest, oldest))


# --- Inbox ---


async def test_the_inbox_comes_newest_first_with_faces_as_they_are_now(filled: Database) -> None:
    ids, gone = [new_id() for _ in range(3)], new_id()
    await stored(
        filled,
        notification(ids[0], ADA, 1, by_id=BOB, by_kind="user", by_name="Robert", thing_id=gone),
        notification(ids[1], ADA, 2, by_id=gone, by_kind="guest", by_name="Somebody", read_at=at(9)),
        notification(ids[2], ADA, 5),
        notification(new_id(), BOB, 1),
    )

    first = await list_inbox(filled, ADA, limit=2)
    second = await list_inbox(filled, ADA, after=first.after, limit=2)
    unread = await list_inbox(filled, ADA, is_unread=True)

    assert [one.id for one in (*first.items, *second.items)] == ids[::-1]
    assert first.items[1].by == By(id=gone, kind="guest", name="Somebody")
    assert second.items[0].by == By(id=BOB, name="Bob", image="https://img/Bob")
    assert second.items[0].thing_id == gone
    assert [one.id for one in unread.items] == [ids[2], ids[0]]
    assert await unread_in_inbox(filled, ADA) == 2


# --- The own list ---


async def test_unread_is_what_others_said_behind_the_read_position(filled: Database) -> None:
    share, chat, calm = f"share:{new_id()}", f"conversation:{new_id()}", f"share:{new_id()}"
    await stored(
        filled,
        *(own_room(ADA, room, seconds) for seconds, room in enumerate((share, chat, calm))),
        position(ADA, share, 2),
        *(logged(share, offset, "comment_added", BOB) for offset in (1, 2, 3, 5)),
        logged(share, 4, "comment_added", ADA),
        logged(share, 6, "vote_cast", BOB),
        logged(chat, 1, "message_added", BOB),
        logged(chat, 2, "comment_added", BOB),
        logged(calm, 1, "comment_added", ADA),
    )

    assert set(await unread_rooms(filled, ADA, SPOKEN)) == {
        UnreadRoom(room=share, unread=2),
        UnreadRoom(room=chat, unread=1),
    }
    assert await unread_rooms(filled, BOB, SPOKEN) == ()
    assert (await read_offset_of(filled, ADA, share), await read_offset_of(filled, ADA, chat)) == (2, 0)


async def test_a_count_ends_at_a_hundred(filled: Database) -> None:
    share = f"share:{new_id()}"
    await stored(filled, own_room(ADA, share), *(logged(share, offset, "comment_added", BOB) for offset in range(1, 121)))

    assert await unread_rooms(filled, ADA, SPOKEN) == (UnreadRoom(room=share, unread=100),)


async def test_rooms_of_the_own_list_have_their_names_from_their_own_rows(filled: Database) -> None:
    concept, chat, share, request, seller, quote = (new_id() for _ in range(6))
    rooms = [f"concept:{concept}", f"conversation:{chat}", f"share:{share}", f"quote:{quote}", "odd:not-a-uuid"]
    parties = {"title": "Vase", "request_id": request, "seller_id": seller}
    times = {"created_at": at(0), "updated_at": at(0)}
    await stored(
        filled,
        Row("concepts", {"id": concept, "user_id": ADA, "name": "Vase", **times}),
        Row("conversations", {"id": chat, "conversation_id": chat, "user_id": ADA, "context": b'{"title":"Gift"}', **times}),
        Row("shared_concepts", {"id": share, "share_token": HASH, "concept_id": concept, "shared_by": ADA, **times}),
        logged(rooms[3], 1, "quote_opened", BOB, {"parties": parties}),
        logged(rooms[0], 1, "concept_created", ADA),
        *(own_room(ADA, room, seconds) for seconds, room in enumerate(rooms)),
        position(ADA, rooms[0], 7),
    )

    page = await list_rooms(filled, ADA, SPOKEN, limit=4)
    rest = await list_rooms(filled, ADA, SPOKEN, after=page.after, limit=4)

    assert [(one.room, one.name, one.status) for one in (*page.items, *rest.items)] == [
        (rooms[4], "", ""),
        (rooms[3], "Vase", "REQUESTED"),
        (rooms[2], "Vase", "active"),
        (rooms[1], "Gift", "active"),
        (rooms[0], "Vase", "ACTIVE"),
    ]
    (oldest,) = rest.items
    assert (oldest.read_offset, oldest.at, oldest.unread) == (7, at(1), 0)


async def planned(database: Database, query: str, values: list[object]) -> str:
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query}", *values))


async def test_every_list_is_read_along_its_index(filled: Database) -> None:
    assert "ix_concept_folders_tags" in await planned(filled, *public_query("blue", None, 50))
    assert "ix_concept_folders_is_public" in await planned(filled, *public_query(None, None, 50))
    assert "ix_search_history_user_id_created_at" in await planned(filled, *searches_query(OF_ADA, None, 50))
    assert "ix_search_history_session_token" in await planned(filled, *searches_query(OF_GUEST, None, 50))
    assert "ix_notifications_unread" in await planned(filled, *inbox_query(ADA, True, None, 50))
    assert "uq_notifications_user_id_offset" in await planned(filled, *inbox_query(ADA, False, None, 50))
    rooms = await planned(filled, *rooms_query(ADA, SPOKEN, None, 50))
    assert "ix_own_rooms_user_id" in rooms
    assert "Sort" not in rooms.splitlines()[1]
