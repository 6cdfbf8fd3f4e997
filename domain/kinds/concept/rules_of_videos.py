"""Videos of a concept: asked for by its owner, made by bots.

::

    QUEUED ── start ─▶ PROCESSING ── complete ─▶ COMPLETED
       └────── fail ───────┴──────── fail ─────▶ FAILED
"""

from domain.decider import Context, Decision
from domain.kinds.concept import commands as ask
from domain.kinds.concept import events as did
from domain.kinds.concept.state import ACTIVE_VIDEO, VIDEOS_ACTIVE_MAX, Concept
from domain.kinds.concept.ticks import VideoProgress, video_key
from domain.kinds.concept.view import Video
from domain.limits import ERROR_MAX
from domain.parts.jobs import furthest
from domain.rejections import LimitReached, UnknownThing, WrongStatus


def queue_video(state: Concept, command: ask.QueueVideo, context: Context) -> Decision:
    if len(state.active_videos) >= VIDEOS_ACTIVE_MAX:
        raise LimitReached(f"{VIDEOS_ACTIVE_MAX} videos wait or are made already: one of them has to end first")
    return Decision((did.VideoQueued(style=command.style, duration=command.duration),))


def start_video(state: Concept, command: ask.StartVideo, context: Context) -> Decision:
    video = _to_start(state, command)
    if video.status != "QUEUED":
        raise WrongStatus(f"only a queued video can be started; this one is {video.status}")
    return Decision((did.VideoStarted(video_id=video.id),))


def report_progress(state: Concept, command: ask.ReportProgress, context: Context) -> Decision:
    video = _processing(state, command.video_id)
    tick = VideoProgress(
        key=video_key(video.id),
        video_id=video.id,
        progress=furthest(_shown_progress(video, context), command.progress),
        note=command.note,
    )
    return Decision(ticks=(tick,))


def complete_video(state: Concept, command: ask.CompleteVideo, context: Context) -> Decision:
    video = _processing(state, command.video_id)
    event = did.VideoCompleted(
        video_id=video.id,
        video_url=command.video_url,
        thumbnail_url=command.thumbnail_url,
        owner_id=state.face.owner_id,
        title=state.face.name,
        shares=state.open_shares,
    )
    return Decision((event,))


def fail_video(state: Concept, command: ask.FailVideo, context: Context) -> Decision:
    """Said by the bot, or by the owner who calls it off."""
    video = _find(state, command.video_id)
    if video.status not in ACTIVE_VIDEO:
        raise WrongStatus(f"only a video that waits or is made can fail; this one is {video.status}")
    return Decision((failed(state, video, _error(command.error, context), context),))


def failed(state: Concept, video: Video, error: str, context: Context) -> did.VideoFailed:
    return did.VideoFailed(
        video_id=video.id,
        error=error,
        progress=_shown_progress(video, context),
        owner_id=state.face.owner_id,
        title=state.face.name,
    )


def _to_start(state: Concept, command: ask.StartVideo) -> Video:
    if command.video_id is not None:
        return _find(state, command.video_id)
    waiting = next((video for video in state.videos if video.status == "QUEUED"), None)
    if waiting is None:
        raise WrongStatus("no video of this concept waits to be made")
    return waiting


def _find(state: Concept, video_id: str) -> Video:
    video = state.video(video_id)
    if video is None:
        raise UnknownThing(f"no active or recent video of this concept has the id {video_id}")
    return video


def _processing(state: Concept, video_id: str) -> Video:
    video = _find(state, video_id)
    if video.status != "PROCESSING":
        raise WrongStatus(f"this is for a video that is being made; this one is {video.status}")
    return video


def _shown_progress(video: Video, context: Context) -> int:
    """How far people have seen it come: its last event or the tick after it."""
    tick = context.last_ticks.get(video_key(video.id))
    return furthest(video.progress, tick.progress if isinstance(tick, VideoProgress) else None)


def _error(error: str, context: Context) -> str:
    if context.actor.kind not in ("user", "guest"):
        return error
    return f"called off by {context.actor.name or 'the owner'}: {error}"[:ERROR_MAX]
