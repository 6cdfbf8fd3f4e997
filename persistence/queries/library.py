"""What a person keeps, by HTTP: favourites, comparisons, searches, style profile, AI preferences and devices.

A guest's comparisons and searches are found by the hash of their session, everything else by the person's or guest's id.
"""

import msgspec

from domain.kinds.person.things import ComparedItem, DeviceKind
from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, row_as, rows_as


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose things are asked for. ``session_hash`` is empty for whoever is no guest."""

    id: str
    session_hash: str = ""


class Favourite(msgspec.Struct, frozen=True, kw_only=True):
    """Of the concept only its id: what may be seen of it is told by the shares of it. Times are Unix milliseconds."""

    id: str
    concept_id: str
    created_at: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    items: tuple[ComparedItem, ...]
    metadata: OpenObject = {}
    created_at: int
    updated_at: int


class Search(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    query: str
    filters: OpenObject = {}
    result_count: int
    clicked: tuple[str, ...] = ()
    created_at: int


class StyleProfile(msgspec.Struct, frozen=True, kw_only=True):
    """``profile`` is empty, and the times are None, until one is set."""

    profile: OpenObject = {}
    created_at: int | None = None
    updated_at: int | None = None


class AiPreferences(msgspec.Struct, frozen=True, kw_only=True):
    """What holds until something else is set, with times that are None."""

    preferred_models: tuple[str, ...] = ()
    default_generation_mode: str = "creative"
    enable_deep_thinking: bool = False
    auto_generate_on_create: bool = False
    model_weights: OpenObject = {}
    created_at: int | None = None
    updated_at: int | None = None


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription to push messages. Its endpoint and keys are told to nobody; ``host`` is where the endpoint lies."""

    id: str
    kind: DeviceKind
    name: str = ""
    host: str = ""
    created_at: int
    updated_at: int


async def list_favourites(
    database: Database, owner: Owner, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Favourite]:
    """Newest first, as all lists here."""
    conditions = Conditions()
    conditions.add("f.user_id = {}::uuid", owner.id)
    conditions.add("(f.created_at, f.id) < (SELECT p.created_at, p.id FROM favourites p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT f.id, f.concept_id, f.created_at FROM favourites f
        {conditions} ORDER BY f.created_at DESC, f.id DESC LIMIT {conditions.place(limited(limit) + 1)}
    """
    return page_of(Favourite, await database.fetch(query, *conditions.values), limited(limit))


async def list_comparisons(
    database: Database, owner: Owner, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[Comparison]:
    conditions = _owned("s", owner)
    conditions.add("(s.created_at, s.id) < (SELECT p.created_at, p.id FROM comparison_sets p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT s.id, s.items, s.metadata, s.created_at, s.updated_at FROM comparison_sets s
        {conditions} ORDER BY s.created_at DESC, s.id DESC LIMIT {conditions.place(limited(limit) + 1)}
    """
    return page_of(Comparison, await database.fetch(query, *conditions.values), limited(limit))


async def comparison_by_id(database: Database, owner: Owner, comparison_id: str) -> Comparison | None:
    conditions = _owned("s", owner)
    conditions.add("s.id = {}::uuid", comparison_id)
    query = f"SELECT s.id, s.items, s.metadata, s.created_at, s.updated_at FROM comparison_sets s {conditions}"
    row = await database.fetchrow(query, *conditions.values)
    return row_as(Comparison, row) if row else None


async def list_searches(database: Database, owner: Owner, after: str | None = None, limit: int = LIMIT_DEFAULT) -> Page[Search]:
    query, values = searches_query(owner, after, limited(limit))
    return page_of(Search, await database.fetch(query, *values), limited(limit))


def searches_query(owner: Owner, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = _owned("s", owner)
    conditions.add("(s.created_at, s.id) < (SELECT p.created_at, p.id FROM search_history p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT s.id, s.query, s.filters, s.result_count, s.clicked, s.created_at FROM search_history s
        {conditions} ORDER BY s.created_at DESC, s.id DESC LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def style_profile_of(database: Database, owner: Owner) -> StyleProfile:
    row = await database.fetchrow(
        "SELECT profile_data AS profile, created_at, updated_at FROM user_style_profiles WHERE user_id = $1::uuid", owner.id
    )
    return row_as(StyleProfile, row) if row else StyleProfile()


async def ai_preferences_of(database: Database, owner: Owner) -> AiPreferences:
    row = await database.fetchrow(
        """
        SELECT preferred_models, default_generation_mode, enable_deep_thinking, auto_generate_on_create, model_weights,
               created_at, updated_at
        FROM user_ai_preferences WHERE user_id = $1::uuid
        """,
        owner.id,
    )
    return row_as(AiPreferences, row) if row else AiPreferences()


async def list_devices(database: Database, owner: Owner) -> tuple[Device, ...]:
    """Newest first; there are 20 at most."""
    rows = await database.fetch(
        """
        SELECT id, kind, name, substring(endpoint FROM '^[a-z]+://([^/:]+)') AS host, created_at, updated_at
        FROM push_subscriptions WHERE user_id = $1::uuid ORDER BY created_at DESC, id DESC
        """,
        owner.id,
    )
    return rows_as(Device, rows)


def _owned(table: str, owner: Owner) -> Conditions:
    """By the session alone for guests, so that one index serves each of the two."""
    conditions = Conditions()
    if owner.session_hash:
        conditions.add(f"{table}.session_token = {{}}", owner.session_hash)
    else:
        conditions.add(f"{table}.user_id = {{}}::uuid", owner.id)
    return conditions
