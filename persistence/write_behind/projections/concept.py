"""What each event of a concept does to rows. Pure: everything stands in the record.

A deleted concept keeps its rows with the status DELETED (``persistence.tables.concept``).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from domain.ids import ThingId, id_of, keyed_id
from domain.kinds.concept import events as did
from domain.kinds.concept.view import Match, Product
from domain.record import Event, Record
from persistence.write_behind.projections.concept_jobs import JOB_ROWS
from persistence.write_behind.row_operations import Delete, Insert, Operation, Update, Values

TABLES: Final = (
    "concepts",
    "concept_images",
    "generated_products",
    "artisan_matches",
    "concept_refinements",
    "quote_requests",
    "ar_previews",
    "video_generation_jobs",
    "sustainability_scores",
)

Rows: TypeAlias = Callable[[Record, Any], Sequence[Operation]]


def operations(record: Record) -> Sequence[Operation]:
    event = record.event
    return ROWS[type(event)](record, event)


def _concept(record: Record, **values: Any) -> Update:
    return Update("concepts", id_of(record.room), {**values, "updated_at": record.time_ms})


def _made(table: str, record: Record, **values: Any) -> Insert:
    """A row of this concept that the event makes."""
    return Insert(table, record.id, {"concept_id": id_of(record.room), "created_at": record.time_ms, **values})


def _created(record: Record, event: did.ConceptCreated) -> Sequence[Operation]:
    is_user = event.owner_kind == "user"
    values: Values = {
        "user_id": event.owner_id if is_user else None,
        "session_token": None if is_user else event.session_hash,
        "visit_id": event.visit_id,
        "name": event.name,
        "description": event.description,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
    }
    return (Insert("concepts", id_of(record.room), values),)


def _details_changed(record: Record, event: did.DetailsChanged) -> Sequence[Operation]:
    return (_concept(record, name=event.name, description=event.description),)


def _deleted(record: Record, event: did.ConceptDeleted) -> Sequence[Operation]:
    return (_concept(record, status="DELETED"),)


def _claimed(record: Record, event: did.ConceptClaimed) -> Sequence[Operation]:
    owner: Values = {"user_id": event.owner_id, "session_token": None}
    requests = (Update("quote_requests", request_id, dict(owner)) for request_id in event.request_ids)
    return (_concept(record, **owner), *requests)


def _image_added(record: Record, event: did.ImageAdded) -> Sequence[Operation]:
    image = _made("concept_images", record, url=event.url, position=event.position, format=event.format)
    return (image, _concept(record))


def _image_optimized(record: Record, event: did.ImageOptimized) -> Sequence[Operation]:
    values: Values = {
        "optimized_versions": event.versions,
        "compression_ratio": event.compression_ratio,
        "format": event.format,
        "lazy_load_priority": event.priority,
    }
    return (Update("concept_images", event.image_id, values), _concept(record))


def _image_removed(record: Record, event: did.ImageRemoved) -> Sequence[Operation]:
    return (_concept(record), Delete("concept_images", event.image_id))


def _products_generated(record: Record, event: did.ProductsGenerated) -> Sequence[Operation]:
    made = (_product(record, product, place) for place, product in enumerate(event.products))
    return (*made, _concept(record), *(Delete("generated_products", product_id) for product_id in event.gone))


def _product(record: Record, product: Product, place: int) -> Insert:
    values: Values = {
        "concept_id": id_of(record.room),
        "name": product.name,
        "price": product.price,
        "image_url": product.image_url or None,
        "data": product.data,
        "position": place,
        "created_at": record.time_ms,
    }
    return Insert("generated_products", product.id, values)


def _artisans_matched(record: Record, event: did.ArtisansMatched) -> Sequence[Operation]:
    kept = frozenset(event.kept)
    matches = (_match(record, match, kept) for match in event.matches)
    return (*matches, _concept(record), *(Delete("artisan_matches", match_id) for match_id in event.gone))


def _match(record: Record, match: Match, kept: frozenset[ThingId]) -> Operation:
    values: Values = {"score": match.score, "reasons": match.reasons}
    if match.id in kept:
        return Update("artisan_matches", match.id, values)
    new: Values = {"concept_id": id_of(record.room), "seller_id": match.seller_id, "created_at": record.time_ms}
    return Insert("artisan_matches", match.id, {**new, **values})


def _favoured(record: Record, event: did.ConceptFavoured) -> Sequence[Operation]:
    return (_concept(record, is_favorite=True, saved_at=record.time_ms, saved_by=record.actor.id),)


def _unfavoured(record: Record, event: did.ConceptUnfavoured) -> Sequence[Operation]:
    return (_concept(record, is_favorite=False, saved_at=None, saved_by=None),)


def _preview_added(record: Record, event: did.ArPreviewAdded) -> Sequence[Operation]:
    preview = _made(
        "ar_previews",
        record,
        scene_type=event.scene_type,
        placement=event.placement,
        image_url=event.image_url,
        metadata=event.metadata,
    )
    return (preview, _concept(record))


def _preview_removed(record: Record, event: did.ArPreviewRemoved) -> Sequence[Operation]:
    return (_concept(record), Delete("ar_previews", event.preview_id))


def _refinement_suggested(record: Record, event: did.RefinementSuggested) -> Sequence[Operation]:
    values: Values = {
        "concept_id": id_of(record.room),
        "refinement_type": event.refinement_type,
        "user_feedback": event.feedback,
        "suggested_changes": event.changes,
        "ai_explanation": event.explanation,
        "confidence": event.confidence,
        "created_at": record.time_ms,
    }
    return (Insert("concept_refinements", event.refinement_id, values),)


def _refinement_applied(record: Record, event: did.RefinementApplied) -> Sequence[Operation]:
    applied: Values = {"applied_changes": event.changes, "applied_at": record.time_ms}
    return (
        Update("concept_refinements", event.refinement_id, applied),
        _concept(record, refinement_count=event.refinement_count),
    )


def _refinement_dismissed(record: Record, event: did.RefinementDismissed) -> Sequence[Operation]:
    """What nobody had answered has no row."""
    if not event.was_suggested:
        return ()
    return (Update("concept_refinements", event.refinement_id, {"dismissed_at": record.time_ms}),)


def _scored(record: Record, event: did.SustainabilityScored) -> Sequence[Operation]:
    key = keyed_id("sustainability_score", id_of(record.room))
    if not event.is_first:
        score: Operation = Update("sustainability_scores", key, {"score_data": event.score, "updated_at": record.time_ms})
    else:
        values: Values = {"concept_id": id_of(record.room), "score_data": event.score}
        times: Values = {"created_at": record.time_ms, "updated_at": record.time_ms}
        score = Insert("sustainability_scores", key, {**values, **times})
    return (score, _concept(record))


def _state_only(record: Record, event: Event) -> Sequence[Operation]:
    return ()


ROWS: Final[Mapping[type[Event], Rows]] = {
    did.ConceptCreated: _created,
    did.DetailsChanged: _details_changed,
    did.ConceptDeleted: _deleted,
    did.ConceptClaimed: _claimed,
    did.ImageAdded: _image_added,
    did.ImageOptimized: _image_optimized,
    did.ImageRemoved: _image_removed,
    did.ProductsGenerated: _products_generated,
    did.ArtisansMatched: _artisans_matched,
    did.ConceptFavoured: _favoured,
    did.ConceptUnfavoured: _unfavoured,
    did.ArPreviewAdded: _preview_added,
    did.ArPreviewRemoved: _preview_removed,
    did.RefinementRequested: _state_only,
    did.RefinementSuggested: _refinement_suggested,
    did.RefinementApplied: _refinement_applied,
    did.RefinementDismissed: _refinement_dismissed,
    did.ShareNoted: _state_only,
    did.SustainabilityScored: _scored,
    **JOB_ROWS,
}
"""What each event does. A test demands an entry for every event of the kind."""
