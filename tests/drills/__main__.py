"""``python -m tests.drills kill --n 30 --rate 500 --seed 1``: the long forms, printing how much was done and every anomaly."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from tests.drills.broken_ack import broken_ack_drill
from tests.drills.kill import kill_drill
from tests.drills.load import Plan
from tests.drills.postgres_away import postgres_away_drill
from tests.drills.reactions import broken_reactions_drill, reactions_drill
from tests.drills.report import Report
from tests.drills.scripts import ALL, CASTS
from tests.drills.sigterm import sigterm_drill
from tests.drills.slow_reader import slow_reader_drill
from tests.drills.voters import voters_drill

Drill = Callable[[argparse.Namespace, Plan], Awaitable[Report]]

DRILLS: dict[str, Drill] = {
    "kill": lambda options, plan: kill_drill(options.n, plan),
    "sigterm": lambda options, plan: sigterm_drill(max(1, options.n // 10), plan),
    "postgres_away": lambda options, plan: postgres_away_drill(options.away, plan),
    "reactions": lambda options, plan: reactions_drill(options.n, plan),
    "voters": lambda options, plan: voters_drill(500, plan.seed),
    "slow_reader": lambda options, plan: slow_reader_drill(options.away / 2),
    "broken_reactions": lambda options, plan: broken_reactions_drill(3, plan),
    "broken_ack": lambda options, plan: broken_ack_drill(3, plan),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("drill", choices=[*DRILLS, "all"])
    parser.add_argument("--n", type=int, default=30, help="how often it is killed; a tenth of it for sigterm")
    parser.add_argument("--away", type=float, default=60.0, help="seconds without Postgres; half of it for the slow reader")
    parser.add_argument("--rate", type=float, default=500.0, help="commands per second, all clients together")
    parser.add_argument("--clients", type=int, default=36)
    parser.add_argument("--rooms", type=int, default=12)
    parser.add_argument("--kinds", nargs="*", choices=CASTS, default=ALL, help="of which kinds the rooms are, in turn")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    plan = Plan(options.clients, options.rooms, options.rate, options.seed, options.kinds)
    names = list(DRILLS) if options.drill == "all" else [options.drill]
    passed = [_run(name, options, plan) for name in names]  # all of them, also behind one that fails
    return 0 if all(passed) else 1


def _run(name: str, options: argparse.Namespace, plan: Plan) -> bool:
    began = time.monotonic()
    report = asyncio.run(_drill(name, options, plan))
    sys.stdout.write(f"{report}\n  took {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()
    return report.passed


async def _drill(name: str, options: argparse.Namespace, plan: Plan) -> Report:
    return await DRILLS[name](options, plan)


if __name__ == "__main__":
    sys.exit(main())
