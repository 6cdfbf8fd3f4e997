"""The server that resumes one offset too far on purpose: whoever comes back lacks one event. Only drills start it."""

import sys
from collections.abc import Sequence

from channels.resume import Ring
from channels.seating import Seating
from channels.seats import RoomMessage
from server.cli import main

_missed = Seating._missed


def missed_but_one(self: Seating, after: int, older: list[RoomMessage], ring: Ring) -> Sequence[RoomMessage] | None:
    missed = _missed(self, after, older, ring)
    return missed[1:] if missed else missed


if __name__ == "__main__":
    Seating._missed = missed_but_one  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
