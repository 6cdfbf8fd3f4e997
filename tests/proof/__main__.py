"""``python -m tests.proof``: ``docs/proof.md`` out of what the long runs have left in ``reports``."""

import sys
from pathlib import Path

from tests.autobahn.suite import load_outcome
from tests.drills.records import load_records as load_drills
from tests.fuzz.records import load_records as load_fuzzing
from tests.proof.page import Shown, page
from tests.simulation.records import load_records as load_simulation

PAGE = Path("docs/proof.md")


def main() -> int:
    PAGE.write_text(page(Shown(load_drills(), load_simulation(), load_fuzzing(), load_outcome())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
