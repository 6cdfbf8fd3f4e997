"""``python -m tests.drills kill --n 300 --seed 1``: one drill, ``all``, the broken servers (``bites``)."""

import argparse
import asyncio
import sys
import time

from tests.drills.bites import found_out, unseen
from tests.drills.catalog import Broken, Drill, Orders, carried_out
from tests.drills.everything import BROKEN, DRILLS, drill_named
from tests.drills.records import load_records, save_records
from tests.drills.scripts import CASTS


def main() -> int:
    options = _options()
    if options.drill == "bites":
        chosen = [broken for broken in BROKEN if not options.only or {broken.name, broken.drill} & set(options.only)]
        passed = [_bite(broken) for broken in chosen]
        sys.stdout.write(f"broken servers found out: {sum(passed)} of {len(passed)}\n")
    else:
        drills = DRILLS if options.drill == "all" else [drill_named(options.drill)]
        passed = [_run(drill, _orders(drill, options)) for drill in drills]  # all of them, also behind one that fails
    return 0 if all(passed) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("drill", choices=[*(drill.name for drill in DRILLS), "all", "bites"])
    parser.add_argument("--short", action="store_true", help="the form of `make test`")
    parser.add_argument("--n", type=int, help="how often, in whatever the drill counts")
    parser.add_argument("--seconds", type=float, help="how long, of drills that are counted in time")
    parser.add_argument("--rate", type=float, help="commands per second, all clients together")
    parser.add_argument("--clients", type=int)
    parser.add_argument("--rooms", type=int)
    parser.add_argument("--kinds", nargs="*", choices=CASTS, help="of which kinds the rooms are, in turn")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", nargs="*", default=[], help="of the broken servers these, or those for these drills")
    return parser.parse_args()


def _orders(drill: Drill, options: argparse.Namespace) -> Orders:
    orders = drill.short if options.short else drill.long
    of_plan = {"clients": options.clients, "rooms": options.rooms, "rate_per_s": options.rate, "seed": options.seed}
    of_plan["kinds"] = options.kinds
    plan = orders.plan._replace(**{name: value for name, value in of_plan.items() if value is not None})
    amount = {"n": options.n, "seconds": options.seconds}
    return orders._replace(plan=plan, **{name: value for name, value in amount.items() if value is not None})


def _run(drill: Drill, orders: Orders) -> bool:
    if reason := drill.lacking():
        sys.stdout.write(f"{drill.name}: not run, {reason}\n")
        return False
    began = time.monotonic()
    report = asyncio.run(carried_out(drill, orders))
    took_s = time.monotonic() - began
    sys.stdout.write(f"{report}\n  took {took_s:.0f} s, seed {orders.plan.seed}\n")
    sys.stdout.flush()
    if orders.n > drill.short.n or orders.seconds > drill.short.seconds:  # short forms have their place in `make test`
        records = load_records()
        records.drilled(drill, report, orders.plan.seed, took_s)
        save_records(records)
    return report.passed


def _bite(broken: Broken) -> bool:
    if reason := drill_named(broken.drill).lacking():
        sys.stdout.write(f"{broken.name} on {broken.drill}: not run, {reason}\n")
        return False
    began = time.monotonic()
    report = asyncio.run(found_out(broken))
    missing = unseen(broken, report)
    took_s = time.monotonic() - began
    told = f"not found out: {', '.join(missing)} missing\n{report}" if missing else f"found out: {dict(report.verdict.counts)}"
    sys.stdout.write(f"{broken.name} on {broken.drill}: {told}\n  took {took_s:.0f} s\n")
    sys.stdout.flush()
    records = load_records()
    records.bitten(broken, report, missing, took_s)
    save_records(records)
    return not missing


if __name__ == "__main__":
    sys.exit(main())
