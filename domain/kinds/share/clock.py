"""What the clock asks of a share: to end when its time has come."""

from domain.decider import Deadline
from domain.kinds.share.state import Share
from domain.kinds.share.ticks import TALLY, VIEWS


def due(state: Share) -> tuple[Deadline, ...]:
    expires_at = state.face.expires_at
    if not state.is_open or expires_at is None:
        return ()
    return (Deadline(what="expiry", at_ms=expires_at, name="share.expire_share", payload={}),)


def live_keys(state: Share) -> frozenset[str]:
    return frozenset({TALLY, VIEWS}) if state.is_open else frozenset()
