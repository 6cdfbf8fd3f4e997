"""What one client of a load does: which room it follows, what it gives next, and what it makes of what it hears."""

import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeAlias

from tests.drills.stage import Stage

SEEN = 20
"""Things of others that a client remembers, to speak of them."""


class Give(NamedTuple):
    """A command; ``room`` is empty for the client's own."""

    method: str
    fields: dict[str, Any]
    room: str = ""


class Script:
    """One client's part. ``room`` is what it follows beside its own person's room; empty where that is enough.

    Everything here may happen in any order and again: connections are cut, commands repeated, views given anew.
    ``forgotten`` are words that were taken back for good: after the drill they stand nowhere.
    """

    def __init__(self, room: str, rng: random.Random) -> None:
        self.room = room
        self.rng = rng
        self.forgotten: set[str] = set()

    def next(self) -> Give | None:
        """What to give now, if anything."""
        return None

    def answered(self, give: Give, data: dict[str, Any]) -> None:
        """A command was accepted, with this result."""

    def refused(self, give: Give, error: dict[str, Any]) -> None:
        """A command was refused for good."""

    def saw(self, room: str, message: dict[str, Any]) -> None:
        """An event was delivered: ``{"id", "offset", "at", "by", "event"}``."""

    def entered(self, room: str, view: dict[str, Any]) -> None:
        """A room was shown anew."""


class Part(NamedTuple):
    """A client: ``user`` with the role word ``role`` in its token."""

    user: str
    role: str
    script: Script


Cast: TypeAlias = Callable[[Stage, str, int], Awaitable[list[Part]]]
"""(stage, name, clients): make a room and say who plays in it, with about so many clients."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def keep_newest(things: list[Any], thing: Any) -> None:
    things.append(thing)
    del things[:-SEEN]
