"""Folders by HTTP: one's own, and the public ones of everybody."""

import msgspec

from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Face, Page, limited, page_of, row_as

FOLDER_COLUMNS = """
    f.id, f.name, f.description, f.is_public, f.tags, cardinality(f.concept_ids) AS concept_count, f.created_at, f.updated_at,
    jsonb_build_object('id', f.user_id, 'name', coalesce(u.name, ''), 'image', coalesce(u.image, '')) AS owner
"""


class ListedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """Times are Unix milliseconds."""

    id: str
    owner: Face
    name: str
    description: str = ""
    is_public: bool = False
    tags: tuple[str, ...] = ()
    concept_count: int = 0
    created_at: int
    updated_at: int


class Folder(ListedFolder, frozen=True, kw_only=True):
    """With what is in it, in the order in which it came in."""

    concept_ids: tuple[str, ...] = ()


async def list_own_folders(
    database: Database, owner_id: str, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ListedFolder]:
    """Newest first; ``after`` is the last id of the page before."""
    conditions = Conditions()
    conditions.add("f.user_id = {}::uuid", owner_id)
    return await _page(database, conditions, after, limit)


async def list_public_folders(
    database: Database, tag: str | None = None, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ListedFolder]:
    """Newest first."""
    query, values = public_query(tag, after, limited(limit))
    return page_of(ListedFolder, await database.fetch(query, *values), limited(limit))


def public_query(tag: str | None, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.always("f.is_public")
    conditions.add("f.tags @> ARRAY[{}::text]", tag)
    return _page_query(conditions, after, limit)


async def folder_by_id(database: Database, folder_id: str, reader_id: str) -> Folder | None:
    """One's own, or a public one; of all others there is nothing."""
    row = await database.fetchrow(
        f"""
        SELECT {FOLDER_COLUMNS}, f.concept_ids FROM concept_folders f LEFT JOIN users u ON u.id = f.user_id
        WHERE f.id = $1::uuid AND (f.is_public OR f.user_id = $2::uuid)
        """,
        folder_id,
        reader_id,
    )
    return row_as(Folder, row) if row else None


async def _page(database: Database, conditions: Conditions, after: str | None, limit: int) -> Page[ListedFolder]:
    query, values = _page_query(conditions, after, limited(limit))
    return page_of(ListedFolder, await database.fetch(query, *values), limited(limit))


def _page_query(conditions: Conditions, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions.add("(f.created_at, f.id) < (SELECT p.created_at, p.id FROM concept_folders p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {FOLDER_COLUMNS} FROM concept_folders f LEFT JOIN users u ON u.id = f.user_id
        {conditions} ORDER BY f.created_at DESC, f.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values
