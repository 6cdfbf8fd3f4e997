"""What requests for quotes and videos do to rows, and what passing values of a concept leave behind there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from domain.decider import Piece, Tick
from domain.ids import RoomAddress, id_of
from domain.kinds.concept import events as did
from domain.kinds.concept.ticks import PreviewCounts, VideoProgress
from domain.record import Event, Record
from persistence.write_behind.row_operations import Change, Insert, Operation, Touch, Update, Values


class AtLeast(Change, frozen=True):
    """``progress`` never falls: a tick may have come further than the event says, or the other way round."""

    reads: ClassVar = ("progress",)
    progress: int

    def apply(self, row: Mapping[str, Any]) -> Any:
        return max(self.progress, row.get("progress") or 0)


def touches(room: RoomAddress, value: Tick | Piece) -> Sequence[Touch]:
    """Progress counts while its video is made; how often a preview was seen, as long as it is there."""
    match value:
        case VideoProgress(video_id=video_id, progress=progress):
            return (Touch("video_generation_jobs", video_id, {"progress": AtLeast(progress)}, {"status": "PROCESSING"}),)
        case PreviewCounts(preview_id=preview_id, view_count=view_count, share_count=share_count):
            counts: Values = {"view_count": view_count, "share_count": share_count}
            return (Touch("ar_previews", preview_id, counts, {}),)
        case _:
            return ()


def _request(record: Record, event: Any, **values: Any) -> Sequence[Operation]:
    return (Update("quote_requests", event.request_id, {**values, "updated_at": record.time_ms}),)


def _requested(record: Record, event: did.QuotesRequested) -> Sequence[Operation]:
    is_user = record.actor.kind == "user"
    values: Values = {
        "concept_id": id_of(record.room),
        "user_id": record.actor.id if is_user else None,
        "session_token": None if is_user else event.session_hash,
        "requested_sellers": tuple(seller.seller_id for seller in event.sellers),
        "message": event.message or None,
        "created_at": record.time_ms,
        "updated_at": record.time_ms,
        "expires_at": event.expires_at,
    }
    return (Insert("quote_requests", record.id, values),)


def _cancelled(record: Record, event: did.QuotesCancelled) -> Sequence[Operation]:
    return _request(record, event, status="CANCELLED")


def _expired(record: Record, event: did.QuotesExpired) -> Sequence[Operation]:
    return _request(record, event, status="EXPIRED")


def _accepted(record: Record, event: did.QuoteAccepted) -> Sequence[Operation]:
    return _request(record, event, status="ACCEPTED", accepted_quote_id=event.quote_id)


def _undone(record: Record, event: did.AcceptanceUndone) -> Sequence[Operation]:
    return _request(record, event, status=event.status, accepted_quote_id=None)


def _noted(record: Record, event: did.QuoteNoted) -> Sequence[Operation]:
    return _request(record, event, status=event.status)


def _queued(record: Record, event: did.VideoQueued) -> Sequence[Operation]:
    values: Values = {
        "concept_id": id_of(record.room),
        "style": event.style,
        "duration": event.duration,
        "created_at": record.time_ms,
    }
    return (Insert("video_generation_jobs", record.id, values),)


def _started(record: Record, event: did.VideoStarted) -> Sequence[Operation]:
    return (Update("video_generation_jobs", event.video_id, {"status": "PROCESSING", "started_at": record.time_ms}),)


def _completed(record: Record, event: did.VideoCompleted) -> Sequence[Operation]:
    values: Values = {
        "status": "COMPLETED",
        "progress": 100,
        "video_url": event.video_url,
        "thumbnail_url": event.thumbnail_url or None,
        "completed_at": record.time_ms,
    }
    return (Update("video_generation_jobs", event.video_id, values),)


def _failed(record: Record, event: did.VideoFailed) -> Sequence[Operation]:
    values: Values = {
        "status": "FAILED",
        "progress": AtLeast(event.progress),
        "error_message": event.error,
        "completed_at": record.time_ms,
    }
    return (Update("video_generation_jobs", event.video_id, values),)


JOB_ROWS: Final[Mapping[type[Event], Callable[[Record, Any], Sequence[Operation]]]] = {
    did.QuotesRequested: _requested,
    did.QuotesCancelled: _cancelled,
    did.QuotesExpired: _expired,
    did.QuoteAccepted: _accepted,
    did.AcceptanceUndone: _undone,
    did.QuoteNoted: _noted,
    did.VideoQueued: _queued,
    did.VideoStarted: _started,
    did.VideoCompleted: _completed,
    did.VideoFailed: _failed,
}
