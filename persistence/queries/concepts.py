"""Concepts by HTTP: one's own as a list, by words, and one of them.

Deleted ones stand in their owner's list, where it is asked for them, and nowhere else.
"""

from typing import TypeAlias

import msgspec

from domain.kinds.concept.view import ConceptStatus, RequestStatus
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, row_as
from persistence.queries.words import prefix_query
from persistence.tables.concept import SEARCH_WORDS

COLUMNS = """
    c.id, c.name, c.description, c.status, c.refinement_count, c.is_favorite, c.saved_at, c.visit_id, c.created_at, c.updated_at,
    (SELECT i.url FROM concept_images i WHERE i.concept_id = c.id ORDER BY i.position, i.created_at, i.id LIMIT 1) AS image_url,
    (SELECT r.status FROM quote_requests r WHERE r.concept_id = c.id ORDER BY r.created_at DESC, r.id DESC LIMIT 1)
        AS request_status
"""
_WORDS = SEARCH_WORDS.replace("name", "c.name").replace("description", "c.description")

Query: TypeAlias = tuple[str, list[object]]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose concepts and requests: a person's by ``user_id``, or a guest's by the hash of the session."""

    user_id: str | None = None
    session_hash: str | None = None


class ListedConcept(msgspec.Struct, frozen=True, kw_only=True):
    """A line of one's own list. Times are Unix milliseconds; ``request_status`` is the latest request's."""

    id: str
    name: str
    description: str = ""
    status: ConceptStatus
    image_url: str = ""
    refinement_count: int = 0
    is_favorite: bool = False
    saved_at: int | None = None
    visit_id: str | None = None
    request_status: RequestStatus | None = None
    created_at: int
    updated_at: int


class ConceptDetail(ListedConcept, frozen=True, kw_only=True):
    """``user_id`` is None while the concept is a guest's."""

    user_id: str | None = None
    image_count: int = 0
    product_count: int = 0
    preview_count: int = 0


def belongs(conditions: Conditions, table: str, whose: Whose) -> None:
    """Only theirs; who is nobody has nothing."""
    if whose.session_hash:
        conditions.add(f"{table}.session_token = {{}}", whose.session_hash)
    elif whose.user_id:
        conditions.add(f"{table}.user_id = {{}}::uuid", whose.user_id)
    else:
        conditions.always("false")


async def list_concepts(
    database: Database,
    whose: Whose,
    *,
    status: ConceptStatus = "ACTIVE",
    favourites: bool = False,
    after: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[ListedConcept]:
    """Newest first; ``after`` is the last id of the page before."""
    query, values = list_query(whose, status, favourites, after, limited(limit))
    return page_of(ListedConcept, await database.fetch(query, *values), limited(limit))


def list_query(whose: Whose, status: ConceptStatus, favourites: bool, after: str | None, limit: int) -> Query:
    conditions = Conditions()
    belongs(conditions, "c", whose)
    conditions.add("c.status = {}", status)
    if favourites:
        conditions.always("c.is_favorite")
    conditions.add("(c.created_at, c.id) < (SELECT p.created_at, p.id FROM concepts p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {COLUMNS} FROM concepts c {conditions}
        ORDER BY c.created_at DESC, c.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def search_concepts(
    database: Database, whose: Whose, words: str, *, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[ListedConcept]:
    """By the beginnings of words of name and description, the best first; a name counts more."""
    asked = prefix_query(words)
    if asked is None:
        return Page(())
    query, values = search_query(whose, asked, after, limited(limit))
    return page_of(ListedConcept, await database.fetch(query, *values), limited(limit))


def search_query(whose: Whose, asked: str, after: str | None, limit: int) -> Query:
    """The best first, among equals the newest."""
    conditions = Conditions()
    place = conditions.place(asked)
    belongs(conditions, "c", whose)
    conditions.always("c.status = 'ACTIVE'")
    conditions.always(f"({_WORDS}) @@ to_tsquery('simple'::regconfig, {place})")
    rank = f"ts_rank({_WORDS}, to_tsquery('simple'::regconfig, {place}))"
    behind = "WHERE (rank, created_at, id) < (SELECT f.rank, f.created_at, f.id FROM found f WHERE f.id = {}::uuid)"
    paged = behind.format(conditions.place(after)) if after else ""
    query = f"""
        WITH found AS MATERIALIZED (SELECT {COLUMNS}, {rank} AS rank FROM concepts c {conditions})
        SELECT * FROM found {paged}
        ORDER BY rank DESC, created_at DESC, id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def concept_by_id(database: Database, concept_id: str) -> ConceptDetail | None:
    query = f"""
        SELECT {COLUMNS}, c.user_id,
               (SELECT count(*) FROM concept_images i WHERE i.concept_id = c.id) AS image_count,
               (SELECT count(*) FROM generated_products g WHERE g.concept_id = c.id) AS product_count,
               (SELECT count(*) FROM ar_previews a WHERE a.concept_id = c.id) AS preview_count
        FROM concepts c WHERE c.id = $1::uuid AND c.status = 'ACTIVE'
    """
    row = await database.fetchrow(query, concept_id)
    return row_as(ConceptDetail, row) if row else None
