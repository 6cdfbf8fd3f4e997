"""What belongs to a concept, by HTTP: each a list of its own, newest first unless it has an order."""

from typing import Final, TypeVar

import msgspec

from domain.kinds.concept.commands import RefinementType, SceneType, VideoStyle
from domain.kinds.concept.view import JobStatus
from domain.limits import OpenObject
from persistence.database import Database
from persistence.queries.rows import LIMIT_DEFAULT, Conditions, Page, limited, page_of, row_as

T = TypeVar("T")


class ConceptImage(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    url: str
    position: int
    format: str
    versions: OpenObject = {}
    compression_ratio: float | None = None
    priority: int = 0
    created_at: int


class GeneratedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """``price`` is a decimal string."""

    id: str
    name: str
    price: str | None = None
    image_url: str = ""
    data: OpenObject = {}
    created_at: int


class ArtisanMatch(msgspec.Struct, frozen=True, kw_only=True):
    """``seller_name`` and ``is_active`` are the artisan's of now."""

    id: str
    seller_id: str
    seller_name: str
    is_active: bool
    score: float
    reasons: tuple[str, ...] = ()
    created_at: int


class StoredRefinement(msgspec.Struct, frozen=True, kw_only=True):
    """Applied, dismissed, or open where it is neither."""

    id: str
    refinement_type: RefinementType
    feedback: str
    changes: OpenObject = {}
    applied_changes: OpenObject | None = None
    explanation: str
    confidence: float
    created_at: int
    applied_at: int | None = None
    dismissed_at: int | None = None


class ArPreview(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    scene_type: SceneType
    image_url: str
    placement: OpenObject = {}
    metadata: OpenObject = {}
    view_count: int = 0
    share_count: int = 0
    created_at: int


class VideoJob(msgspec.Struct, frozen=True, kw_only=True):
    """``concept_id`` says in which room it is worked on: ``concept:{concept_id}``."""

    id: str
    concept_id: str
    style: VideoStyle
    duration: int
    status: JobStatus
    progress: int = 0
    video_url: str = ""
    thumbnail_url: str = ""
    error: str = ""
    created_at: int
    started_at: int | None = None
    completed_at: int | None = None


class SustainabilityScore(msgspec.Struct, frozen=True, kw_only=True):
    score: OpenObject = {}
    created_at: int
    updated_at: int


VIDEO_COLUMNS: Final = """
    t.id, t.concept_id, t.style, t.duration, t.status, t.progress, t.video_url, t.thumbnail_url, t.error_message AS error,
    t.created_at, t.started_at, t.completed_at
"""


class _List(msgspec.Struct, frozen=True):
    """``order`` are the columns that pages follow, all in one direction."""

    table: str
    columns: str
    order: str = "created_at, id"
    is_newest_first: bool = True
    joined: str = ""


LISTS: Final[dict[type[object], _List]] = {
    ConceptImage: _List(
        "concept_images",
        """t.id, t.url, t.position, t.format, t.optimized_versions AS versions, t.compression_ratio,
           t.lazy_load_priority AS priority, t.created_at""",
        order="position, created_at, id",
        is_newest_first=False,
    ),
    GeneratedProduct: _List(
        "generated_products",
        "t.id, t.name, t.price::text AS price, t.image_url, t.data, t.created_at",
        order="position, id",
        is_newest_first=False,
    ),
    ArtisanMatch: _List(
        "artisan_matches",
        "t.id, t.seller_id, s.name AS seller_name, s.is_active, t.score, t.reasons, t.created_at",
        order="score, id",
        joined="JOIN sellers s ON s.id = t.seller_id",
    ),
    StoredRefinement: _List(
        "concept_refinements",
        """t.id, t.refinement_type, t.user_feedback AS feedback, t.suggested_changes AS changes, t.applied_changes,
           t.ai_explanation AS explanation, t.confidence, t.created_at, t.applied_at, t.dismissed_at""",
    ),
    ArPreview: _List(
        "ar_previews",
        "t.id, t.scene_type, t.image_url, t.placement, t.metadata, t.view_count, t.share_count, t.created_at",
    ),
    VideoJob: _List("video_generation_jobs", VIDEO_COLUMNS),
}


async def list_parts(
    database: Database, kind: type[T], concept_id: str, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[T]:
    """One of ``LISTS`` of a concept; ``after`` is the last id of the page before."""
    query, values = parts_query(kind, concept_id, after, limited(limit))
    return page_of(kind, await database.fetch(query, *values), limited(limit))


def parts_query(kind: type[object], concept_id: str, after: str | None, limit: int) -> tuple[str, list[object]]:
    form = LISTS[kind]
    names = form.order.split(", ")
    ours, theirs = (", ".join(f"{table}.{name}" for name in names) for table in ("t", "p"))
    sign, direction = ("<", " DESC") if form.is_newest_first else (">", "")
    conditions = Conditions()
    conditions.add("t.concept_id = {}::uuid", concept_id)
    conditions.add(f"({ours}) {sign} (SELECT {theirs} FROM {form.table} p WHERE p.id = {{}}::uuid)", after)
    order = ", ".join(f"t.{name}{direction}" for name in names)
    query = f"""
        SELECT {form.columns} FROM {form.table} t {form.joined} {conditions}
        ORDER BY {order} LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def list_videos(
    database: Database, status: JobStatus, after: str | None = None, limit: int = LIMIT_DEFAULT
) -> Page[VideoJob]:
    """Of all concepts, the one that waits longest first: what bots look for."""
    query, values = videos_query(status, after, limited(limit))
    return page_of(VideoJob, await database.fetch(query, *values), limited(limit))


def videos_query(status: JobStatus, after: str | None, limit: int) -> tuple[str, list[object]]:
    conditions = Conditions()
    conditions.add("t.status = {}", status)
    conditions.add("(t.created_at, t.id) > (SELECT p.created_at, p.id FROM video_generation_jobs p WHERE p.id = {}::uuid)", after)
    query = f"""
        SELECT {VIDEO_COLUMNS} FROM video_generation_jobs t {conditions}
        ORDER BY t.created_at, t.id LIMIT {conditions.place(limit + 1)}
    """
    return query, conditions.values


async def score_of(database: Database, concept_id: str) -> SustainabilityScore | None:
    row = await database.fetchrow(
        "SELECT score_data AS score, created_at, updated_at FROM sustainability_scores WHERE concept_id = $1::uuid", concept_id
    )
    return row_as(SustainabilityScore, row) if row else None
