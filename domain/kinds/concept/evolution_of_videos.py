"""What the events of videos make of a concept."""

from typing import Any

import msgspec

from domain.kinds.concept import events as did
from domain.kinds.concept.state import ACTIVE_VIDEO, VIDEOS_KEPT, Concept
from domain.kinds.concept.view import Video
from domain.record import Record

replace = msgspec.structs.replace


def queued(state: Concept, event: did.VideoQueued, record: Record) -> Concept:
    video = Video(id=record.id, style=event.style, duration=event.duration, created_at=record.time_ms)
    return replace(state, videos=(*state.videos, video))


def started(state: Concept, event: did.VideoStarted, record: Record) -> Concept:
    return _with(state, event.video_id, status="PROCESSING", started_at=record.time_ms)


def completed(state: Concept, event: did.VideoCompleted, record: Record) -> Concept:
    done = _with(
        state,
        event.video_id,
        status="COMPLETED",
        progress=100,
        video_url=event.video_url,
        thumbnail_url=event.thumbnail_url,
        completed_at=record.time_ms,
    )
    return _bounded(done)


def failed(state: Concept, event: did.VideoFailed, record: Record) -> Concept:
    done = _with(state, event.video_id, status="FAILED", progress=event.progress, error=event.error, completed_at=record.time_ms)
    return _bounded(done)


def _with(state: Concept, video_id: str, **changed: Any) -> Concept:
    return replace(state, videos=tuple(replace(video, **changed) if video.id == video_id else video for video in state.videos))


def _bounded(state: Concept) -> Concept:
    """The oldest finished videos go."""
    finished = [video.id for video in state.videos if video.status not in ACTIVE_VIDEO]
    gone = set(finished[:-VIDEOS_KEPT])
    return replace(state, videos=tuple(video for video in state.videos if video.id not in gone)) if gone else state
