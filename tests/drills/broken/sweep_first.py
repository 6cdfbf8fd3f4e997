"""The server that removes the files of its last run before the ledger lists those that replace them. Only the drills start it."""

import sys
from pathlib import Path

from persistence.journal import opening
from persistence.journal.ballast import Ballast
from persistence.journal.disk import Disk
from persistence.journal.ledger import Ledger, sweep, write_ledger
from server.cli import main


def take_over(disk: Disk, folder: Path, ledger: Ledger, ballast: Ballast) -> None:
    sweep(disk, folder, ledger)
    write_ledger(disk, folder, ledger)
    ballast.take_again()


if __name__ == "__main__":
    opening._take_over = take_over
    sys.exit(main())
