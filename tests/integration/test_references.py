"""What rules ask of the catalogue and of people, from real rows."""

import pytest

from domain.decider import Ref
from domain.refs import SellerFace, UserFace
from persistence.database import Database
from persistence.references import PostgresReferences
from tests.support.workspace_rows import new_id

POTTER, WEAVER, ADA, EVE = new_id(), new_id(), new_id(), new_id()


@pytest.fixture
async def references(database: Database) -> PostgresReferences:
    for user_id, name, is_gone in ((ADA, "Ada", False), (EVE, "Eve", True)):
        await database.execute(
            """
            INSERT INTO users (id, token_subject, name, image, deleted_at)
            VALUES ($1::uuid, $1::uuid::text, $2, 'https://images.example/face', CASE WHEN $3 THEN now() END)
            """,
            user_id,
            name,
            is_gone,
        )
    await database.execute("INSERT INTO sellers (id, user_id, name) VALUES ($1, $2, 'Potter')", POTTER, ADA)
    await database.execute("INSERT INTO sellers (id, name, is_active) VALUES ($1, 'Weaver', false)", WEAVER)
    return PostgresReferences(database)


async def test_artisans_and_people_are_found_by_their_ids(references: PostgresReferences) -> None:
    refs = [Ref("seller", POTTER), Ref("seller", WEAVER), Ref("user", ADA)]

    assert await references.look_up(refs) == {
        refs[0]: SellerFace(id=POTTER, user_id=ADA, name="Potter"),
        refs[1]: SellerFace(id=WEAVER, name="Weaver", is_active=False),
        refs[2]: UserFace(id=ADA, name="Ada", image="https://images.example/face"),
    }


async def test_what_is_unknown_deleted_or_no_id_is_missing(references: PostgresReferences) -> None:
    refs = [Ref("seller", ADA), Ref("user", EVE), Ref("user", "nobody"), Ref("moon", ADA), Ref("seller", new_id())]

    assert await references.look_up(refs) == {}
    assert await references.look_up([]) == {}


async def test_an_id_is_found_however_it_is_written(references: PostgresReferences) -> None:
    ref = Ref("user", ADA.upper())

    assert set(await references.look_up([ref])) == {ref}
