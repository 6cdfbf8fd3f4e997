"""``python -m tests.fuzz --minutes 20``: all targets and the HTTP API, or one by name; figures in ``reports/fuzz.json``."""

import argparse
import random
import sys
import time

from tests.fuzz.engines import HAS_ATHERIS, be_quiet, by_atheris, by_hypothesis
from tests.fuzz.everything import TARGETS, target_named
from tests.fuzz.records import Run, load_records, save_records
from tests.fuzz.target import Target

HTTP = "http"
HTTP_SHARE = 0.3
"""Of the time of a run of everything."""


def main() -> int:
    options = _options()
    be_quiet()
    chosen = TARGETS if options.target == "all" else [target_named(options.target)] if options.target != HTTP else []
    has_http = options.target in ("all", HTTP)
    seconds = options.minutes * 60.0
    for_http = seconds * HTTP_SHARE if chosen and has_http else seconds
    for_each = (seconds - for_http * has_http) / max(len(chosen), 1)
    say(f"seed {options.seed}, {options.minutes:g} minutes")
    if chosen and not HAS_ATHERIS:
        say("lacking: atheris (pip install .[fuzz]); hypothesis alone has all the time")
    passed = [_run(target, for_each, options.seed) for target in chosen]
    if has_http:
        passed.append(_run_http(for_http, options.seed))
    return 0 if all(passed) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", default="all", choices=["all", HTTP, *(target.name for target in TARGETS)])
    parser.add_argument("--minutes", type=float, default=20.0, help="all of it together")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31), help="for hypothesis")
    return parser.parse_args()


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _run(target: Target, seconds: float, seed: int) -> bool:
    records = load_records()
    engines: dict[str, Run] = {}
    engines["hypothesis"] = by_hypothesis(target, seconds / 2 if HAS_ATHERIS else seconds, seed, say)
    if HAS_ATHERIS:
        engines["atheris"] = by_atheris(target, seconds / 2, say)
    for engine, run in engines.items():
        edges = f", {run.edges} edges" if run.edges else ""
        say(f"{target.name} by {engine}: {run.executions} executions, {run.crashes} crashes{edges}, {run.took_s:.0f} s")
        records.ran(target.name, target.what, engine, run)
    save_records(records)
    return not any(run.crashes for run in engines.values())


def _run_http(seconds: float, seed: int) -> bool:
    from tests.fuzz.http_api import fuzz_http  # schemathesis takes seconds to import, and only this needs it

    began = time.monotonic()
    records = load_records()
    records.http = fuzz_http(seconds, seed)
    save_records(records)
    say(f"{records.http} in {time.monotonic() - began:.0f} s")
    return not records.http.findings


if __name__ == "__main__":
    sys.exit(main())
