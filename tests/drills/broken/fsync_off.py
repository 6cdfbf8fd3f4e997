"""The server whose journal writes and never syncs: fine until the power fails. Only the drills start it."""

import sys

from persistence.journal import segment
from server.cli import main

if __name__ == "__main__":
    segment._PRAGMAS = tuple(pragma.replace("synchronous = FULL", "synchronous = OFF") for pragma in segment._PRAGMAS)
    sys.exit(main())
