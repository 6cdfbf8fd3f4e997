"""The server that removes its journal's ledger before it writes the next one. Only the drills start it."""

import sys
from pathlib import Path

from persistence.journal import opening
from persistence.journal.ballast import Ballast
from persistence.journal.disk import Disk
from persistence.journal.ledger import LEDGER_NAME, Ledger
from server.cli import main

_take_over = opening._take_over


def take_over_in_two_steps(disk: Disk, folder: Path, ledger: Ledger, ballast: Ballast) -> None:
    disk.remove(folder / LEDGER_NAME)
    _take_over(disk, folder, ledger, ballast)


if __name__ == "__main__":
    opening._take_over = take_over_in_two_steps
    sys.exit(main())
