"""People, their roles and their accounts; the stored log of a room; what is left of implementation sessions."""

import hashlib

import pytest

from domain.ids import ActorId, RoomAddress, derived_id
from domain.record import Actor
from domain.roles import Grant
from persistence.database import Database
from persistence.queries.accounts import NoSuchPerson, Role, grant_role, note_person, revoke_role, set_deleted, set_status
from persistence.queries.implementation_sessions import implementation_session_by_id
from persistence.queries.people import face_of, read_people, roles_of
from persistence.queries.rooms import events_after, stored_offset
from tests.support.postgres import Row
from tests.support.workspace_rows import at, new_id, person, stored

ADA, BOB = ActorId(new_id()), ActorId(new_id())
FAR_MS = 4_102_444_800_000
ROOM = RoomAddress("workspace:w")


@pytest.fixture
async def people(database: Database) -> Database:
    await stored(database, person(ADA, "Ada"), person(BOB, "Bob"))
    return database


async def test_many_people_are_read_with_their_grants_at_once(people: Database) -> None:
    project = new_id()
    await grant_role(people, Role(user_id=ADA, role="admin"), granted_by=None)
    await grant_role(
        people,
        Role(user_id=ADA, role="contributor", resource_type="project", resource_id=project, expires_at_ms=FAR_MS),
        granted_by=BOB,
    )
    await set_status(people, BOB, "suspended")

    found = await read_people(people, [ADA, BOB, new_id()])

    assert {who: (one.name, one.is_active) for who, one in found.items()} == {ADA: ("Ada", True), BOB: ("Bob", False)}
    assert set(found[ADA].grants) == {
        Grant("admin"),
        Grant("contributor", "project", project, FAR_MS),
    }


async def test_a_mail_address_is_known_by_its_hash_once_it_was_verified(people: Database) -> None:
    await people.execute("UPDATE users SET email = 'ada@example.org' WHERE id = $1::uuid", ADA)
    assert (await read_people(people, [ADA]))[ADA].mail_hash == ""

    await people.execute("UPDATE users SET email_verified_at = now() WHERE id = $1::uuid", ADA)
    assert (await read_people(people, [ADA]))[ADA].mail_hash == hashlib.sha256(b"ada@example.org").hexdigest()


async def test_an_expired_grant_counts_no_more(people: Database) -> None:
    await grant_role(people, Role(user_id=ADA, role="admin", expires_at_ms=at(0)), granted_by=None)

    assert (await read_people(people, [ADA]))[ADA].grants == ()
    assert await roles_of(people, ADA) == ()


async def test_the_same_grant_twice_is_one_with_the_later_end(people: Database) -> None:
    first = await grant_role(people, Role(user_id=ADA, role="viewer"), granted_by=None)
    second = await grant_role(people, Role(user_id=ADA, role="viewer", expires_at_ms=FAR_MS), granted_by=BOB)

    assert second.id == first.id
    assert [(one.role, one.granted_by, one.expires_at) for one in await roles_of(people, ADA)] == [("viewer", BOB, FAR_MS)]


async def test_a_grant_is_taken_back_once(people: Database) -> None:
    given = await grant_role(people, Role(user_id=ADA, role="admin"), granted_by=None)

    assert await revoke_role(people, given.id) == ADA
    assert await revoke_role(people, given.id) is None


async def test_a_grant_to_nobody_is_refused(people: Database) -> None:
    with pytest.raises(NoSuchPerson):
        await grant_role(people, Role(user_id=new_id(), role="admin"), granted_by=None)


async def test_deleting_a_person_hides_them_and_keeps_the_row(people: Database) -> None:
    assert await set_deleted(people, ADA, is_deleted=True)

    assert await face_of(people, ADA) is None
    assert not (await read_people(people, [ADA]))[ADA].is_active
    assert await set_deleted(people, ADA, is_deleted=False)
    assert await face_of(people, ADA) is not None
    assert not await set_deleted(people, new_id(), is_deleted=True)
    assert not await set_status(people, new_id(), "inactive")


async def test_whoever_comes_gets_a_row_and_keeps_their_newest_face(database: Database) -> None:
    await note_person(database, Actor(id=ADA, name="Ada"), at(0))
    await note_person(database, Actor(id=ADA, name="Ada Lovelace", image="https://img/1"), at(1))
    await note_person(database, Actor(id=ADA), at(2))

    face = await face_of(database, ADA)

    assert face is not None
    assert (face.name, face.image) == ("Ada Lovelace", "https://img/1")
    assert await database.fetchval("SELECT kind FROM users WHERE id = $1", ADA) == "person"


async def test_the_last_login_moves_once_a_day(database: Database) -> None:
    who = Actor(id=BOB, name="Bob")
    seen = []
    for seconds in (0, 60, 86_400):
        await note_person(database, who, at(seconds))
        seen.append(await database.fetchval("SELECT last_login_at FROM users"))

    assert seen == [at(0), at(0), at(86_400)]


async def test_a_rooms_events_come_in_order_in_the_shape_of_publications(database: Database) -> None:
    command = new_id()
    for offset in (1, 2, 3):
        await stored(database, event(offset, command))

    first, second = await events_after(database, ROOM, 1)

    assert (first.offset, first.at, first.by.name) == (2, at(2), "Ada")
    assert second.id == derived_id(ROOM, ADA, command, 3)
    assert bytes(first.event) == b'{"text": "2", "type": "message_posted"}'
    assert await stored_offset(database, ROOM) == 3
    assert await stored_offset(database, RoomAddress("workspace:none")) == 0


def event(offset: int, command: str) -> Row:
    return Row(
        "room_events",
        {
            "room": ROOM,
            "offset": offset,
            "epoch": "e1",
            "type": "message_posted",
            "version": 1,
            "body": b'{"type":"message_posted","text":"%d"}' % offset,
            "actor_id": ADA,
            "actor_kind": "user",
            "actor_name": "Ada",
            "at": at(offset),
            "command_id": command,
            "ordinal": offset,
            "last": True,
            "digest": "d",
        },
    )


async def test_an_implementation_session_is_read_as_it_was_imported(people: Database) -> None:
    one = new_id()
    values = {"id": one, "user_id": ADA, "pattern_type": "swings", "status": "done", "data": b'{"steps":3}', "created_at": at(0)}
    await stored(people, Row("implementation_sessions", values))

    session = await implementation_session_by_id(people, one)

    assert session is not None
    assert (session.user_id, session.status, session.data, session.created_at) == (ADA, "done", {"steps": 3}, at(0))
    assert await implementation_session_by_id(people, new_id()) is None
