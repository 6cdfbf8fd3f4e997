"""``python -m tests.simulation --seeds 5000``, ``--seed 123``, ``--bites``."""

import argparse
import sys

from tests.simulation.campaign import bite_all, run_many
from tests.simulation.course import run_course


def main() -> int:
    options = _options()
    if options.bites:
        return 0 if bite_all(options.first, options.seeds or 200, sys.stdout.write) else 1
    if options.seed is not None:
        report = run_course(options.seed, with_lines=options.trace)
        for line in report.lines or ():
            sys.stdout.write(line + "\n")
        sys.stdout.write(f"{report}\n  trace {report.trace}\n")
        return 0 if report.is_clean else 1
    return 0 if run_many(range(options.first, options.first + (options.seeds or 300)), sys.stdout.write).is_clean else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, help="so many courses, one after the other; with --bites, at most so many each")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, help="one course alone")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell it step by step")
    parser.add_argument("--bites", action="store_true", help="the nodes that are broken on purpose")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
