"""The server whose journal writes and never syncs: fine until the power fails. Only the drills start it."""

import sys

from persistence.journal import segment
from server.cli import main

if __name__ == "__main__":
    lying = tuple(pragma.replace("synchronous = FULL", "synchronous = OFF") for pragma in segment._PRAGMAS)
    segment._PRAGMAS = lying  # type: ignore[assignment]  # as many as before
    sys.exit(main())
