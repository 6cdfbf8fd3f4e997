"""What the clock asks of a concept, and what may tick in it."""

from domain.decider import Deadline
from domain.kinds.concept.state import Concept
from domain.kinds.concept.ticks import preview_key, video_key


def due(state: Concept) -> tuple[Deadline, ...]:
    """Every open request comes to its end."""
    return tuple(
        Deadline(
            what=f"request:{request.id}",
            at_ms=request.expires_at,
            name="concept.expire_quotes",
            payload={"request_id": request.id},
        )
        for request in state.open_requests
    )


def live_keys(state: Concept) -> frozenset[str]:
    """Videos that are being made, and the counts of every preview."""
    videos = (video_key(video.id) for video in state.videos if video.status == "PROCESSING")
    return frozenset((*videos, *(preview_key(preview.id) for preview in state.previews)))
