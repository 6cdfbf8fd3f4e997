"""What passes in a concept without being recorded."""

from domain.decider import Tick
from domain.ids import ThingId


class VideoProgress(Tick, frozen=True, kw_only=True, tag="video_progress"):
    """``key`` is ``video:{id}``; live while the video is made. ``progress`` is 0 to 100 and never falls."""

    video_id: ThingId
    progress: int
    note: str = ""


class PreviewCounts(Tick, frozen=True, kw_only=True, tag="preview_counts"):
    """``key`` is ``ar:{id}``; live while the preview is there. How often it was looked at and passed on, so far."""

    preview_id: ThingId
    view_count: int
    share_count: int


TICKS: tuple[type[Tick], ...] = (VideoProgress, PreviewCounts)


def video_key(video_id: str) -> str:
    return f"video:{video_id}"


def preview_key(preview_id: str) -> str:
    return f"ar:{preview_id}"
