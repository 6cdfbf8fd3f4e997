"""``python -m tests.simulation --seeds 5000``, ``--seed 123``, ``--bites``; whole runs of the first and the last leave figures."""

import argparse
import sys

from tests.simulation.campaign import bite_all, run_many
from tests.simulation.course import run_course
from tests.simulation.records import Records, load_records, save_records


def main() -> int:
    options = _options()
    if options.seed is not None:
        passed = _run_one(options.seed, with_lines=options.trace)
    elif options.bites:
        passed = _bite(options.first, options.seeds or 200)
    else:
        passed = _run_many(options.first, options.seeds or 300)
    return 0 if passed else 1


def _run_one(seed: int, *, with_lines: bool) -> bool:
    report = run_course(seed, with_lines=with_lines)
    for line in report.lines or ():
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"{report}\n  trace {report.trace}\n")
    return report.is_clean


def _run_many(first: int, seeds: int) -> bool:
    campaign = run_many(range(first, first + seeds), sys.stdout.write)
    if campaign.seeds == seeds:
        save_records(Records(campaign, first, load_records().bites))
    return campaign.is_clean


def _bite(first: int, most: int) -> bool:
    records = load_records()
    records.bites = bite_all(first, most, sys.stdout.write)
    save_records(records)
    return all(found.signs for found in records.bites)


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
