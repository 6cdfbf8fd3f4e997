"""The server that dates what happens by its clock alone, also when that went back. Only the drills start it."""

import sys

from tests.drills.broken.jumping_clock import jump

if __name__ in ("__main__", "__mp_main__"):
    jump()
if __name__ == "__main__":
    from channels.attempt import Asked, Attempt
    from server.cli import main

    decide = Attempt._decide

    def decide_by_the_clock(self: Attempt, asked: Asked, now_ms: int) -> None:
        self._last_ms = now_ms
        decide(self, asked, now_ms)

    Attempt._decide = decide_by_the_clock  # type: ignore[method-assign]  # the point of this file
    sys.exit(main())
