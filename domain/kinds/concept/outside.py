"""What a concept tells outside itself: its shares, the quote rooms, the people it concerns, their lists, a caller's results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from domain.decider import Listing, Reaction, Tick
from domain.ids import id_of
from domain.kinds.concept import events as did
from domain.kinds.concept.state import Concept
from domain.kinds.concept.ticks import VideoProgress, video_key
from domain.parts.notices import face, forgotten, noted, notice
from domain.record import Event, Record
from domain.refs import ConceptFace

Reactions = Sequence[Reaction]


def reactions_of(record: Record) -> Reactions:
    react = REACTIONS.get(type(record.event))
    return react(record, record.event) if react else ()


def _shown(shares: did.Shares, what: str, **payload: Any) -> Reactions:
    """Nothing of the private side: no prices, no feedback, no other shares."""
    return tuple(Reaction(target=share, name="share.show", payload={"what": what, **payload}) for share in shares)


def _settled(quotes: did.Shares, outcome: str, **payload: Any) -> Reactions:
    return tuple(Reaction(target=quote, name="quote.settle", payload={"outcome": outcome, **payload}) for quote in quotes)


def _created(record: Record, event: did.ConceptCreated) -> Reactions:
    return noted(record, event.owner_id)


def _details_changed(record: Record, event: did.DetailsChanged) -> Reactions:
    return _shown(event.shares, "details", name=event.name)


def _deleted(record: Record, event: did.ConceptDeleted) -> Reactions:
    revoked = (Reaction(target=share, name="share.revoke_share", payload={"reason": "concept deleted"}) for share in event.shares)
    return (*revoked, *forgotten(record, event.owner_id))


def _claimed(record: Record, event: did.ConceptClaimed) -> Reactions:
    owner = {"id": event.owner_id, "kind": "user", "name": event.owner_name}
    payload = {"guest_id": event.guest_id, "owner": owner}
    changed = (Reaction(target=quote, name="quote.change_owner", payload=payload) for quote in event.quotes)
    return (*noted(record, event.owner_id), *forgotten(record, event.guest_id), *changed)


def _image_added(record: Record, event: did.ImageAdded) -> Reactions:
    return _shown(event.shares, "image", thing_id=record.id, url=event.url, image_url=event.cover_url)


def _image_removed(record: Record, event: did.ImageRemoved) -> Reactions:
    return _shown(event.shares, "image", thing_id=event.image_id, is_gone=True, image_url=event.cover_url)


def _preview_added(record: Record, event: did.ArPreviewAdded) -> Reactions:
    return _shown(event.shares, "ar", thing_id=record.id, url=event.image_url, data={"scene_type": event.scene_type})


def _preview_removed(record: Record, event: did.ArPreviewRemoved) -> Reactions:
    return _shown(event.shares, "ar", thing_id=event.preview_id, is_gone=True)


def _suggested(record: Record, event: did.RefinementSuggested) -> Reactions:
    return notice(record, event.owner_id, "refinement_suggested", event.title, thing_id=event.refinement_id)


def _applied(record: Record, event: did.RefinementApplied) -> Reactions:
    return _shown(event.shares, "refinement", thing_id=event.refinement_id)


def _requested(record: Record, event: did.QuotesRequested) -> Reactions:
    """The message is what the quote rooms are about, so it goes along."""
    return tuple(
        Reaction(
            target=seller.room,
            name="quote.open",
            payload={
                "request_id": record.id,
                "seller_id": seller.seller_id,
                "seller_user_id": seller.user_id,
                "seller_name": seller.name,
                "concept_id": id_of(record.room),
                "concept_name": event.title,
                "concept_image_url": event.image_url,
                "owner": face(record.actor),
                "message": event.message,
                "expires_at": event.expires_at,
            },
        )
        for seller in event.sellers
    )


def _cancelled(record: Record, event: did.QuotesCancelled) -> Reactions:
    return _settled(event.quotes, "cancelled", by=face(record.actor))


def _expired(record: Record, event: did.QuotesExpired) -> Reactions:
    told = notice(record, event.owner_id, "request_expired", event.title, thing_id=event.request_id)
    return (*_settled(event.quotes, "expired"), *told)


def _accepted(record: Record, event: did.QuoteAccepted) -> Reactions:
    by = face(record.actor)
    accepted = Reaction(
        target=event.accepted,
        name="quote.settle",
        payload={"outcome": "accepted", "by": by, "quote_id": event.quote_id, "revision": event.revision},
        refusal="concept.undo_acceptance",
        refusal_payload={"request_id": event.request_id, "quote_id": event.quote_id},
    )
    return (accepted, *_settled(event.others, "other_accepted", by=by))


def _undone(record: Record, event: did.AcceptanceUndone) -> Reactions:
    return _settled(event.others, "undone")


def _share_noted(record: Record, event: did.ShareNoted) -> Reactions:
    if not event.refused_because:
        return ()
    return (Reaction(target=event.share, name="share.revoke_share", payload={"reason": event.refused_because}),)


def _video_completed(record: Record, event: did.VideoCompleted) -> Reactions:
    told = notice(record, event.owner_id, "video_completed", event.title, thing_id=event.video_id)
    return (*_shown(event.shares, "video", thing_id=event.video_id, url=event.video_url), *told)


def _video_failed(record: Record, event: did.VideoFailed) -> Reactions:
    return notice(record, event.owner_id, "video_failed", event.title, thing_id=event.video_id)


def _scored(record: Record, event: did.SustainabilityScored) -> Reactions:
    return _shown(event.shares, "sustainability", data=event.score)


REACTIONS: Final[Mapping[type[Event], Callable[[Record, Any], Reactions]]] = {
    did.ConceptCreated: _created,
    did.DetailsChanged: _details_changed,
    did.ConceptDeleted: _deleted,
    did.ConceptClaimed: _claimed,
    did.ImageAdded: _image_added,
    did.ImageRemoved: _image_removed,
    did.ArPreviewAdded: _preview_added,
    did.ArPreviewRemoved: _preview_removed,
    did.RefinementSuggested: _suggested,
    did.RefinementApplied: _applied,
    did.QuotesRequested: _requested,
    did.QuotesCancelled: _cancelled,
    did.QuotesExpired: _expired,
    did.QuoteAccepted: _accepted,
    did.AcceptanceUndone: _undone,
    did.ShareNoted: _share_noted,
    did.VideoCompleted: _video_completed,
    did.VideoFailed: _video_failed,
    did.SustainabilityScored: _scored,
}


def face_of(state: Concept) -> ConceptFace | None:
    """What other rooms may know of it; nothing of a concept that was never there."""
    if not state.is_there:
        return None
    image_url = state.images[0].url if state.images else ""
    return ConceptFace(
        id=state.id, owner_id=state.face.owner_id, name=state.face.name, image_url=image_url, status=state.face.status
    )


def listing_of(state: Concept, ticks: Mapping[str, Tick] = {}) -> Listing:
    """The video that is being made, else the latest request, is what its owner wants to know first."""
    made = next((video for video in state.videos if video.status == "PROCESSING"), None)
    latest = state.requests[-1] if state.requests else None
    progress = None
    if made is not None:
        tick = ticks.get(video_key(made.id))
        progress = max(made.progress, tick.progress if isinstance(tick, VideoProgress) else 0)
    return Listing(
        name=state.face.name,
        status=latest.status if latest else state.face.status,
        step="video" if made else "",
        progress=progress,
        at_ms=state.last_at,
        spoken=state.spoken,
    )


_MADE: Final[Mapping[type[Event], str]] = {
    did.ImageAdded: "image_id",
    did.ArPreviewAdded: "preview_id",
    did.RefinementRequested: "refinement_id",
    did.QuotesRequested: "request_id",
    did.VideoQueued: "video_id",
}
"""What an event makes has the event's id; here is what the caller hears it called."""

_TOLD: Final[Mapping[type[Event], tuple[str, ...]]] = {
    did.ImageAdded: ("position",),
    did.RefinementApplied: ("refinement_count",),
    did.QuotesCancelled: ("request_id",),
    did.QuoteAccepted: ("request_id", "revision"),
    did.QuoteNoted: ("status",),
    did.AcceptanceUndone: ("status",),
    did.VideoStarted: ("video_id",),
    did.SustainabilityScored: ("score",),
}
"""What the room decided: fields of the event that the caller hears."""


def results_of(records: Sequence[Record]) -> dict[str, Any]:
    """Computed from the records alone, so a repeat gets the same."""
    results: dict[str, Any] = {}
    for record in records:
        event = record.event
        results |= {name: getattr(event, name) for name in _TOLD.get(type(event), ())}
        if type(event) in _MADE:
            results[_MADE[type(event)]] = record.id
        if isinstance(event, did.ProductsGenerated):
            results["product_ids"] = [product.id for product in event.products]
        if isinstance(event, did.QuotesRequested):
            results["quotes"] = {seller.seller_id: seller.room for seller in event.sellers}
    return results
