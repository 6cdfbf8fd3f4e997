"""``python -m tests.autobahn``, or some: ``python -m tests.autobahn "5.*" "12.1.*"``. Figures in ``reports/autobahn.json``."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.autobahn.echo import open_echo
from tests.autobahn.suite import BrokenOff, NoPython, Outcome, find_python, install, run_suite, save_outcome

PACKAGES = Path(".venv/autobahn")
REPORTS = Path("reports/autobahn")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.autobahn", description=__doc__)
    parser.add_argument("cases", nargs="*", default=["*"], help='as the suite names them: "5.*"')
    cases = parser.parse_args().cases
    try:
        python = find_python()
    except NoPython as lacking:
        sys.stdout.write(f"Autobahn: not run, {lacking}\n")
        return 1
    install(python, PACKAGES.absolute())
    try:
        outcome = asyncio.run(_run(python, cases))
    except BrokenOff as broken_off:
        sys.stdout.write(f"Autobahn: {broken_off}\n")
        return 1
    sys.stdout.write(f"Autobahn, {outcome}; the suite's own pages are in {REPORTS}\n")
    if cases == ["*"]:
        save_outcome(outcome)
    return 1 if outcome.wrong else 0


async def _run(python: str, cases: list[str]) -> Outcome:
    async with open_echo() as url:
        return await run_suite(python, PACKAGES.absolute(), url, REPORTS.absolute(), cases)


if __name__ == "__main__":
    sys.exit(main())
