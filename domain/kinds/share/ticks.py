"""What passes in a shared concept without being recorded."""

from domain.decider import Tick

TALLY = "tally"
VIEWS = "views"


class Tally(Tick, frozen=True, kw_only=True, tag="tally"):
    """``key`` is ``tally``. How the votes stand, counted over every voter's one vote."""

    up: int
    down: int


class Views(Tick, frozen=True, kw_only=True, tag="views"):
    """``key`` is ``views``. How often somebody has come to look, and when last (Unix milliseconds).

    A person counts once in 30 minutes, the owner never.
    """

    count: int
    last_viewed_at: int


TICKS: tuple[type[Tick], ...] = (Tally, Views)
