"""Rows that wait for a row of another room go in once it is there, without anybody's doing."""

import msgspec
import pytest

from domain.event_codec import encode
from domain.ids import RoomAddress, ThingId, id_of, keyed_id, room_address
from domain.kinds.concept.events import ConceptCreated
from domain.kinds.share.events import ConceptShared
from domain.kinds.workspace.events import DetailsChanged
from domain.record import Record
from persistence.database import Database
from persistence.write_behind import healing
from persistence.write_behind.healing import heal
from tests.support.records import created, record, workspace
from tests.support.share_rows import concept
from tests.support.storage import append, known_journal, writing_behind
from tests.support.workspace_rows import stored
from tests.unit.domain.share.stories import shared
from tests.unit.domain.story import ADA


async def test_a_share_whose_concept_comes_later_waits_for_it(database: Database) -> None:
    journal, story = await known_journal(database), shared()
    concept_id = story.records[0].event.concept_id  # type: ignore[attr-defined]  # a share begins with concept_shared
    async with writing_behind(database, journal) as writing:
        await append(journal, story.records)
        assert await writing.flush(5.0)
        await writing.count_rooms_behind()
        assert writing.lag().rooms_behind == 1
        assert await heal(database, {"share": story.decider}) == 0

        await stored(database, concept(concept_id, ADA.actor.id))
        assert await heal(database, {"share": story.decider}) == 1
        await writing.count_rooms_behind()

        assert writing.lag().rooms_behind == 0
        assert await database.fetchval("SELECT count(*) FROM shared_concepts WHERE id = $1", id_of(story.room)) == 1


async def test_beside_a_poisoned_room_the_order_of_rooms_in_a_batch_does_not_matter(database: Database) -> None:
    journal, story, poisoned = await known_journal(database), shared(), workspace("poisoned")
    concept_id = story.records[0].event.concept_id  # type: ignore[attr-defined]  # a share begins with concept_shared
    made = ConceptCreated(owner_id=ADA.actor.id, owner_kind="user", name="Lamp")
    async with writing_behind(database, journal) as writing:
        poison = record(poisoned, 2, DetailsChanged(name="x" * 300, category="c"))
        concept_made = record(room_address("concept", concept_id), 1, made, ADA.actor)
        await append(journal, [*story.records, concept_made, created(poisoned), poison])
        assert await writing.flush(5.0)

    assert [row["room"] for row in await database.fetch("SELECT room FROM dead_letters")] == [poisoned]
    assert await database.fetchval("SELECT count(*) FROM shared_concepts WHERE id = $1", id_of(story.room)) == 1
    reached = await database.fetchval("SELECT projected_offset FROM room_positions WHERE room = $1", story.room)
    assert reached == len(story.records)


async def test_other_troubles_are_left_to_the_operator(database: Database) -> None:
    await database.execute(
        "INSERT INTO dead_letters (room, \"offset\", sqlstate, error) VALUES ('share:1', 1, '22003', 'too large')"
    )

    assert await heal(database, {}) == 0


async def test_who_waits_in_vain_does_not_keep_others_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healing, "ROOMS_AT_ONCE", 1)
    journal, story = await known_journal(database), shared()
    concepts = [keyed_id("concept", str(number)) for number in range(2)]
    async with writing_behind(database, journal) as writing:
        for concept_id in concepts:
            await append(journal, [of_concept(each, concept_id) for each in story.records])
            assert await writing.flush(5.0)
    rooms = [row["room"] for row in await database.fetch("SELECT room FROM dead_letters ORDER BY at, room")]

    await stored(database, *(concept(each, ADA.actor.id) for each in concepts if rooms[1].endswith(each)))
    healed = [await heal(database, {"share": story.decider}) for _ in range(3)]

    assert healed == [0, 1, 0]
    assert await database.fetchval("SELECT id::text FROM shared_concepts") == id_of(rooms[1])


def of_concept(original: Record, concept_id: str) -> Record:
    """The same in a share of another concept, whose room has that concept's id."""
    event = original.event
    if isinstance(event, ConceptShared):
        event = msgspec.structs.replace(event, concept_id=ThingId(concept_id))
    return msgspec.structs.replace(original, room=RoomAddress(f"share:{concept_id}"), event=event, body=encode(event))
