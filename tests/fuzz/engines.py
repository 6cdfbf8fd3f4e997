"""Two ways to look for inputs that break a promise, for as long as they are given.

``hypothesis`` changes seeds and shrinks what it finds; ``atheris`` (libFuzzer) is guided by the branches that an input reaches, in
a process of its own, because it never returns. Where atheris has no wheel for the machine that is said, and the other goes on.
"""

import importlib.util
import logging
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.records import Run
from tests.fuzz.strategies import inputs
from tests.fuzz.target import Target

FOUND = Path("reports/fuzz")
"""Inputs that crashed a target, and the corpus that the guided runs go on from."""
ROUND_EXAMPLES = 200
TIMEOUT_S = 20
"""One input that takes longer is a finding: no target needs more than some milliseconds."""
MEMORY_MB = 1_024
GRACE_S = 300.0
ENDED_BY_US = -1
HAS_ATHERIS = importlib.util.find_spec("atheris") is not None


def be_quiet() -> None:
    """What the product tells of its start would fill the screen; errors of the live side are findings and stay."""
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def by_hypothesis(target: Target, seconds: float, seed_of_run: int, say: Callable[[str], None]) -> Run:
    """Rounds of fresh examples until the time is over, or until something is found."""
    began = time.monotonic()
    executions = crashes = turn = 0

    def run(data: bytes) -> None:
        nonlocal executions
        executions += 1
        target.run(data)

    while time.monotonic() - began < seconds and not crashes:
        try:
            _one_round(target, run, seed_of_run + turn)
        except Exception:
            crashes += 1
            say(f"{target.name}: broken, with seed {seed_of_run + turn}\n{traceback.format_exc()}")
        turn += 1
    return Run(executions, crashes, round(time.monotonic() - began, 1), seed=seed_of_run)


def _one_round(target: Target, run: Callable[[bytes], None], seed_of_round: int) -> None:
    checks = list(HealthCheck)

    @seed(seed_of_round)
    @settings(max_examples=ROUND_EXAMPLES, deadline=None, database=None, suppress_health_check=checks, phases=PHASES)
    @given(inputs(target))
    def examples(data: bytes) -> None:
        run(data)

    examples()


PHASES = (Phase.generate, Phase.target, Phase.shrink)


def by_atheris(target: Target, seconds: float, say: Callable[[str], None]) -> Run:
    """One guided run, in a process of its own."""
    corpus, found = FOUND / "corpus" / target.name, FOUND / "crashes" / target.name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(found.iterdir())
    flags = [f"-max_total_time={int(seconds)}", f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MB}", "-print_final_stats=1"]
    flags += [f"-artifact_prefix={found}/", str(corpus)]
    command = [sys.executable, "-m", "tests.fuzz.guided", target.name, ",".join(target.code), *flags]
    began = time.monotonic()
    told, code = _run(command, 3 * seconds + GRACE_S)
    crashes = len(set(found.iterdir()) - before) or int(code not in (0, ENDED_BY_US))
    if crashes or code == ENDED_BY_US:
        say(f"{target.name}: {'broken' if crashes else 'was not done in time'} (exit {code}); see {found}\n{_why(told)}")
    executions = _number(r"stat::number_of_executed_units:\s*(\d+)", told) or _number(r"^#(\d+)\s", told)
    return Run(executions, crashes, round(time.monotonic() - began, 1), edges=_number(r"\bcov: (\d+)", told))


def _run(command: Sequence[str], most_s: float) -> tuple[str, int]:
    """What it told and its exit code. libFuzzer looks at the time between inputs only, so a busy machine may have to end it."""
    with tempfile.TemporaryFile("w+", errors="replace") as told:
        try:
            code = subprocess.run(command, stdout=told, stderr=subprocess.STDOUT, timeout=most_s, check=False).returncode
        except subprocess.TimeoutExpired:
            code = ENDED_BY_US
        told.seek(0)
        return told.read(), code


def _why(told: str) -> str:
    """The traceback, or the last lines where there is none (a hang, too much memory)."""
    _, marker, behind = told.partition("Uncaught Python exception")
    return behind.split("INFO:")[0].strip() if marker else told[-2_000:]


def _number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text, re.MULTILINE)
    return int(found[-1]) if found else 0
