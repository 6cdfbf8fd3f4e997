"""What each event makes of a concept: one function per event, no rules. All of them take redacted text."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from domain.ids import id_of
from domain.kinds.concept import events as did
from domain.kinds.concept import evolution_of_requests as requests
from domain.kinds.concept import evolution_of_videos as videos
from domain.kinds.concept.state import Concept
from domain.kinds.concept.view import Face, Image, Preview, Refinement, ShareLine
from domain.parts.listing import with_spoken
from domain.record import Event, Record

replace = msgspec.structs.replace

Step: TypeAlias = Callable[[Concept, Any, Record], Concept]

SPOKEN: Final[tuple[type[Event], ...]] = (did.RefinementSuggested, did.QuoteNoted, did.VideoCompleted, did.VideoFailed)


def evolve(state: Concept, record: Record) -> Concept:
    """The state after one record."""
    event = record.event
    state = replace(STEPS[type(event)](state, event, record), last_at=record.time_ms)
    return replace(state, spoken=with_spoken(state.spoken, record)) if type(event) in SPOKEN else state


def _created(state: Concept, event: did.ConceptCreated, record: Record) -> Concept:
    face = Face(
        id=id_of(state.room),
        owner_id=event.owner_id,
        owner_kind=event.owner_kind,
        name=event.name,
        description=event.description,
        visit_id=event.visit_id,
        created_at=record.time_ms,
        updated_at=record.time_ms,
    )
    return Concept(room=state.room, is_there=True, face=face, session_hash=event.session_hash)


def _details_changed(state: Concept, event: did.DetailsChanged, record: Record) -> Concept:
    return _faced(state, record, name=event.name, description=event.description)


def _deleted(state: Concept, event: did.ConceptDeleted, record: Record) -> Concept:
    """That it was there is remembered: a share that comes too late must hear of it."""
    return Concept(room=state.room, is_deleted=True)


def _claimed(state: Concept, event: did.ConceptClaimed, record: Record) -> Concept:
    return replace(_faced(state, record, owner_id=event.owner_id, owner_kind="user"), session_hash="")


def _image_added(state: Concept, event: did.ImageAdded, record: Record) -> Concept:
    image = Image(id=record.id, url=event.url, position=event.position, format=event.format, created_at=record.time_ms)
    images = tuple(sorted((*state.images, image), key=lambda image: image.position))
    return _faced(replace(state, images=images), record)


def _image_optimized(state: Concept, event: did.ImageOptimized, record: Record) -> Concept:
    changed: dict[str, Any] = {
        "versions": event.versions,
        "compression_ratio": event.compression_ratio,
        "format": event.format,
        "priority": event.priority,
    }
    images = tuple(replace(image, **changed) if image.id == event.image_id else image for image in state.images)
    return _faced(replace(state, images=images), record)


def _image_removed(state: Concept, event: did.ImageRemoved, record: Record) -> Concept:
    return _faced(replace(state, images=tuple(image for image in state.images if image.id != event.image_id)), record)


def _products_generated(state: Concept, event: did.ProductsGenerated, record: Record) -> Concept:
    return _faced(replace(state, products=event.products), record)


def _artisans_matched(state: Concept, event: did.ArtisansMatched, record: Record) -> Concept:
    return _faced(replace(state, matches=event.matches), record)


def _favoured(state: Concept, event: did.ConceptFavoured, record: Record) -> Concept:
    return _faced(state, record, is_favorite=True, saved_at=record.time_ms, saved_by=record.actor.id)


def _unfavoured(state: Concept, event: did.ConceptUnfavoured, record: Record) -> Concept:
    return _faced(state, record, is_favorite=False, saved_at=None, saved_by=None)


def _preview_added(state: Concept, event: did.ArPreviewAdded, record: Record) -> Concept:
    preview = Preview(
        id=record.id,
        scene_type=event.scene_type,
        image_url=event.image_url,
        placement=event.placement,
        metadata=event.metadata,
        created_at=record.time_ms,
    )
    return _faced(replace(state, previews=(*state.previews, preview)), record)


def _preview_removed(state: Concept, event: did.ArPreviewRemoved, record: Record) -> Concept:
    return _faced(replace(state, previews=tuple(one for one in state.previews if one.id != event.preview_id)), record)


def _refinement_requested(state: Concept, event: did.RefinementRequested, record: Record) -> Concept:
    refinement = Refinement(
        id=record.id, refinement_type=event.refinement_type, feedback=event.feedback, requested_at=record.time_ms
    )
    return replace(state, refinements=(*state.refinements, refinement))


def _refinement_suggested(state: Concept, event: did.RefinementSuggested, record: Record) -> Concept:
    suggested: dict[str, Any] = {
        "status": "suggested",
        "changes": event.changes,
        "explanation": event.explanation,
        "confidence": event.confidence,
        "suggested_at": record.time_ms,
    }
    return replace(
        state,
        refinements=tuple(replace(one, **suggested) if one.id == event.refinement_id else one for one in state.refinements),
    )


def _refinement_applied(state: Concept, event: did.RefinementApplied, record: Record) -> Concept:
    return _faced(_without(state, event.refinement_id), record, refinement_count=event.refinement_count)


def _refinement_dismissed(state: Concept, event: did.RefinementDismissed, record: Record) -> Concept:
    return _without(state, event.refinement_id)


def _scored(state: Concept, event: did.SustainabilityScored, record: Record) -> Concept:
    return _faced(replace(state, score=event.score, has_score=True), record)


def _share_noted(state: Concept, event: did.ShareNoted, record: Record) -> Concept:
    others = tuple(share for share in state.shares if share.room != event.share)
    if event.refused_because or event.status in ("revoked", "expired"):
        return replace(state, shares=others)
    old = next((share for share in state.shares if share.room == event.share), None)
    line = ShareLine(
        room=event.share,
        title=event.title,
        allow_comments=event.allow_comments,
        allow_voting=event.allow_voting,
        is_public=event.is_public,
        expires_at=event.expires_at,
        shared_at=old.shared_at if old else record.time_ms,
    )
    if old is None:
        return replace(state, shares=(*state.shares, line))
    return replace(state, shares=tuple(line if share is old else share for share in state.shares))


def _faced(state: Concept, record: Record, **changed: Any) -> Concept:
    return replace(state, face=replace(state.face, updated_at=record.time_ms, **changed))


def _without(state: Concept, refinement_id: str) -> Concept:
    return replace(state, refinements=tuple(one for one in state.refinements if one.id != refinement_id))


STEPS: Final[Mapping[type[Event], Step]] = {
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
    did.RefinementRequested: _refinement_requested,
    did.RefinementSuggested: _refinement_suggested,
    did.RefinementApplied: _refinement_applied,
    did.RefinementDismissed: _refinement_dismissed,
    did.QuotesRequested: requests.requested,
    did.QuotesCancelled: requests.cancelled,
    did.QuotesExpired: requests.expired,
    did.QuoteAccepted: requests.accepted,
    did.AcceptanceUndone: requests.undone,
    did.QuoteNoted: requests.quote_noted,
    did.ShareNoted: _share_noted,
    did.VideoQueued: videos.queued,
    did.VideoStarted: videos.started,
    did.VideoCompleted: videos.completed,
    did.VideoFailed: videos.failed,
    did.SustainabilityScored: _scored,
}
"""One step per event. A test demands an entry for every event of the kind."""
