"""The tables of people's own rooms: they take what the commands let through, and refuse what never should come."""

from typing import Any, get_args, get_type_hints

import asyncpg
import msgspec
import pytest
from sqlalchemy import Column, String

from domain.kinds.person import commands as ask
from domain.kinds.person import things
from persistence.database import Database
from persistence.tables import person as tables
from persistence.tables.person import DEVICE_KINDS
from tests.integration.test_tables import metas_of
from tests.support.person_rows import HASH, comparison, device, favourite, folder, notification, own_room, position, search
from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id, person, stored

ADA, CONCEPT = new_id(), new_id()

COLUMN_OF_FIELD: dict[tuple[type[msgspec.Struct], str], Column[Any]] = {
    (ask.MakeFolder, "name"): tables.concept_folders.c.name,
    (ask.MakeFolder, "description"): tables.concept_folders.c.description,
    (ask.ChangeFolder, "name"): tables.concept_folders.c.name,
    (ask.ChangeFolder, "description"): tables.concept_folders.c.description,
    (ask.SetAiPreferences, "default_generation_mode"): tables.user_ai_preferences.c.default_generation_mode,
    (ask.NoteSearch, "query"): tables.search_history.c.query,
    (ask.NoteSearch, "session_hash"): tables.search_history.c.session_token,
    (ask.AddDevice, "endpoint"): tables.push_subscriptions.c.endpoint,
    (ask.AddDevice, "p256dh"): tables.push_subscriptions.c.p256dh,
    (ask.AddDevice, "auth"): tables.push_subscriptions.c.auth,
    (ask.AddDevice, "name"): tables.push_subscriptions.c.name,
    (ask.MarkRead, "read_room"): tables.read_positions.c.room,
    (ask.NoteRoom, "noted"): tables.own_rooms.c.room,
    (ask.Notify, "source"): tables.notifications.c.source,
    (ask.Notify, "title"): tables.notifications.c.title,
    (things.Face, "name"): tables.notifications.c.by_name,
    (things.Face, "image"): tables.notifications.c.by_image,
    (things.MovedFolder, "id"): tables.concept_folders.c.id,
    (things.Words, "text"): tables.search_history.c.query,
    (things.Words, "description"): tables.concept_folders.c.description,
}


@pytest.mark.parametrize(("field", "column"), COLUMN_OF_FIELD.items(), ids=lambda value: str(value))
def test_a_column_is_as_long_as_the_field_that_fills_it(field: tuple[Any, str], column: Column[Any]) -> None:
    limit = max(meta.max_length for meta in metas_of(*field) if meta.max_length is not None)

    if isinstance(column.type, String):
        assert column.type.length == limit
    else:
        assert limit == len(CONCEPT)


def test_a_count_fits_its_column() -> None:
    (meta,) = metas_of(ask.NoteSearch, "result_count")

    assert (meta.ge, meta.le) == (0, 2**31 - 1)


def test_the_tables_words_are_the_rules_words() -> None:
    assert set(DEVICE_KINDS) == set(get_args(things.DeviceKind))
    longest = max(len(word) for word in get_args(things.What))
    assert longest <= tables.notifications.c.what.type.length  # type: ignore[attr-defined]  # a String


def test_no_table_has_a_column_for_words_that_no_event_brings() -> None:
    assert "content" not in tables.notifications.c
    assert set(get_type_hints(things.Face)) == {"id", "kind", "name", "image"}


@pytest.mark.parametrize(
    "row",
    [
        comparison(new_id()),
        search(new_id()),
        search(new_id(), user_id=ADA, result_count=-1),
        notification(new_id(), ADA, 1, by_id=ADA, by_kind="ghost"),
        position(ADA, "share:x", -1),
        device(ADA, kind="fax"),
    ],
    ids=lambda row: row.table,
)
async def test_words_and_ranges_that_no_document_knows_are_refused(database: Database, row: Row) -> None:
    await stored(database, person(ADA))

    with pytest.raises(asyncpg.CheckViolationError):
        await stored(database, row)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (favourite(ADA, CONCEPT), favourite(ADA, CONCEPT, 1)),
        (notification(new_id(), ADA, 1), notification(new_id(), ADA, 1)),
        (position(ADA, "share:x", 1), position(ADA, "share:x", 2)),
        (own_room(ADA, "share:x"), own_room(ADA, "share:x", 1)),
    ],
    ids=lambda row: row.table,
)
async def test_what_has_a_natural_key_is_there_once(database: Database, one: Row, other: Row) -> None:
    await stored(database, person(ADA), one)

    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(database, other)


@pytest.mark.parametrize("table", ["user_style_profiles", "user_ai_preferences"])
async def test_a_person_has_one_profile_and_one_row_of_preferences(database: Database, table: str) -> None:
    times = {"created_at": at(0), "updated_at": at(0)}
    await stored(database, person(ADA), Row(table, {"id": new_id(), "user_id": ADA, **times}))

    with pytest.raises(asyncpg.UniqueViolationError):
        await stored(database, Row(table, {"id": new_id(), "user_id": ADA, **times}))


async def test_a_person_who_keeps_something_cannot_go_as_a_row(database: Database) -> None:
    await stored(database, person(ADA), folder(new_id(), ADA))

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await database.execute("DELETE FROM users")


async def test_what_the_server_notes_may_be_for_somebody_who_never_came(database: Database) -> None:
    nobody = new_id()

    await stored(database, notification(new_id(), nobody, 1), own_room(nobody, "share:x"), search(new_id(), session_token=HASH))

    assert await database.fetchval("SELECT count(*) FROM notifications") == 1
