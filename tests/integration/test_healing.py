"""Rows that wait for a row of another room go in once it is there, without anybody's doing."""

from domain.ids import id_of
from persistence.database import Database
from persistence.write_behind.healing import heal
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


async def test_other_troubles_are_left_to_the_operator(database: Database) -> None:
    await database.execute(
        "INSERT INTO dead_letters (room, \"offset\", sqlstate, error) VALUES ('share:1', 1, '22003', 'too large')"
    )

    assert await heal(database, {}) == 0
