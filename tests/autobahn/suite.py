"""The suite as a program of its own: it is made for Python 2.7, so an interpreter is looked for and its packages are put aside."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec

LOCKS: Final = tuple(Path(__file__).with_name(name) for name in ("build.lock", "suite.lock"))
"""What builds the others comes first."""
AGENT: Final = "Atrium"
FIGURES: Final = Path("reports/autobahn.json")
SUITE_S: Final = 3_600.0
ASIDE: Final = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()"
"""``addsitedir`` reads the packages' own ``.pth`` files, without which their namespaces are not found."""


CASES: Final = 517
"""Of version 0.8.2."""
RIGHT: Final = frozenset({"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"})


class NoPython(Exception):
    """There is no Python 2.7 here; the message says where it was looked for."""


class BrokenOff(Exception):
    """The suite did not come to its end; the message says what there is."""


class Case(msgspec.Struct):
    """How one case went, in the suite's own words: OK, NON-STRICT, INFORMATIONAL, UNIMPLEMENTED, FAILED and so on."""

    behavior: str
    behaviorClose: str  # noqa: N815 - the suite's name


class Outcome(msgspec.Struct, frozen=True):
    """Cases by how they went, and the names of those that went wrong."""

    counts: dict[str, int]
    wrong: list[str]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {behavior}" for behavior, count in sorted(self.counts.items()))
        return f"{sum(self.counts.values())} cases: {counts}; wrong: {', '.join(self.wrong) or 'none'}"


def find_python() -> str:
    """A Python 2.7 that starts: of ``PYTHON2``, of the path, of pyenv. Raises ``NoPython``."""
    named = os.environ.get("PYTHON2"), shutil.which("python2.7")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*filter(None, named), *sorted(map(str, pyenv.glob("2.7*/bin/python")))]
    for candidate in candidates:
        with contextlib.suppress(OSError):
            asked = subprocess.run([candidate, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False)
            if asked.stdout.strip() == b"(2, 7)":
                return candidate
    raise NoPython("no Python 2.7: not as PYTHON2, not in the path, not in pyenv's versions")


def install(python: str, target: Path) -> None:
    """The suite's packages into ``target``, anew where locks or interpreter are others. Raises ``CalledProcessError``."""
    done, wanted = target / ".installed", "\n".join([python, *(lock.read_text() for lock in LOCKS)])
    if done.exists() and done.read_text() == wanted:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", str(target)]
    for lock in LOCKS:
        subprocess.run([*pip, "--requirement", str(lock)], env=_environment(target), check=True)
    done.write_text(wanted)


async def run_suite(python: str, packages: Path, url: str, reports: Path, cases: list[str]) -> Outcome:
    """``cases`` as the suite names them, ``*`` for any part. Its pages are left in ``reports``. Raises ``BrokenOff``."""
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    spec = {"outdir": str(reports), "servers": [{"agent": AGENT, "url": url}], "cases": cases, "exclude-cases": []}
    (reports / "spec.json").write_bytes(msgspec.json.encode({**spec, "exclude-agent-cases": {}}))
    arguments = ["-W", "ignore", "-c", ASIDE, str(packages), "--mode", "fuzzingclient", "--spec", str(reports / "spec.json")]
    with (reports / "suite.log").open("wb") as log:
        suite = await asyncio.create_subprocess_exec(
            python, *arguments, env=_environment(packages), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            async with asyncio.timeout(SUITE_S):
                await suite.wait()
        finally:
            if suite.returncode is None:
                suite.kill()
                await suite.wait()
    index = reports / "index.json"
    if suite.returncode != 0 or not index.exists():
        raise BrokenOff(f"the suite ended with {suite.returncode}, see {reports / 'suite.log'}")
    return outcome(index.read_bytes(), at_least=CASES if "*" in cases else 1)


def outcome(index: bytes, at_least: int = 1) -> Outcome:
    """What the suite's ``index.json`` says. A close that is not as the RFC has it counts as wrong too.

    Raises ``BrokenOff`` where there are less than ``at_least`` cases: the suite passes over what it could not connect for.
    """
    cases = msgspec.json.decode(index, type=dict[str, dict[str, Case]]).get(AGENT, {})
    if len(cases) < at_least:
        raise BrokenOff(f"{len(cases)} cases were run, and {at_least} were to be")
    wrong = [name for name, case in cases.items() if not {case.behavior, case.behaviorClose} <= RIGHT]
    counts = Counter(case.behavior for case in cases.values())
    return Outcome(dict(counts), sorted(wrong, key=_place))


def load_outcome(path: Path = FIGURES) -> Outcome | None:
    """Of the last whole run."""
    return msgspec.json.decode(path.read_bytes(), type=Outcome) if path.exists() else None


def save_outcome(outcome: Outcome, path: Path = FIGURES) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(outcome)))


def _place(name: str) -> list[int]:
    return [int(part) for part in name.split(".")]


def _environment(packages: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(packages)}
