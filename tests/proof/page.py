"""Markdown of what was shown. Each section says how to show it again; what was not run says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from tests.autobahn.suite import Outcome
from tests.drills.everything import BROKEN, DRILLS
from tests.drills.records import Record, bite_name
from tests.drills.records import Records as Drills
from tests.fuzz.everything import TARGETS
from tests.fuzz.records import HttpRecord, Run
from tests.fuzz.records import Records as Fuzzing
from tests.proof.mended import MENDED
from tests.simulation.broken import BROKEN as BROKEN_NODES
from tests.simulation.campaign import Campaign, Found
from tests.simulation.records import Records as Simulation

NOT_RUN = "Not run here."
SEE = "**see below**"
R = TypeVar("R")
UNKNOWN = ("", "", "", "not run")


class Shown(NamedTuple):
    """What each kind of long run has left; empty or None where none has."""

    drills: Drills
    simulation: Simulation
    fuzzing: Fuzzing
    autobahn: Outcome | None


def page(shown: Shown) -> str:
    sections = (
        _summary(shown),
        _drills(shown.drills),
        _broken_servers(shown.drills),
        _simulation(shown.simulation),
        _fuzzing(shown.fuzzing),
        _http(shown.fuzzing),
        _autobahn(shown.autobahn),
        _mended(),
    )
    return "\n".join(sections)


def _summary(shown: Shown) -> str:
    drills, bites = shown.drills.drills, shown.drills.bites
    found = {one.name for one in shown.simulation.bites if one.signs}
    rows = [
        _share("drills without an anomaly", [one.name in drills and drills[one.name].passed for one in DRILLS]),
        _share("broken servers found out", [name in bites and bites[name].passed for name in map(bite_name, BROKEN)]),
        _share("broken nodes found out by simulation", [one.name in found for one in BROKEN_NODES]),
        _bad("simulation", shown.simulation.campaign, lambda it: (f"anomalies in {it.seeds:,} courses", it.anomalies)),
        _bad("fuzzing", _fuzzed(shown.fuzzing), lambda it: (f"crashes in {it.executions:,} executions", it.crashes)),
        _bad("HTTP API", shown.fuzzing.http, lambda it: (f"server errors and findings in {it.cases:,} cases", _found_by(it))),
        _bad("RFC 6455 and 7692", shown.autobahn, lambda it: (f"wrong of {sum(it.counts.values())} cases", len(it.wrong))),
    ]
    lines = [
        "# Proof",
        "",
        "What was done so that nothing acknowledged is lost and no client takes the server down, and what came of it when it was",
        "run last; the figures say with how much. CONTRIBUTING.md says how to run each part; `make proof` writes this page.",
        "",
        *_table(("", "", ""), rows),
    ]
    return _text(lines)


def _share(what: str, good: Sequence[bool]) -> Sequence[str]:
    return what, f"{sum(good)} of {len(good)}", "" if all(good) else SEE


def _bad(what: str, run: R | None, told: Callable[[R], tuple[str, int]]) -> Sequence[str]:
    """``told`` says of what, and how many there were; none is good."""
    if run is None:
        return what, "not run", SEE
    of_what, count = told(run)
    return what, f"{count} {of_what}", SEE if count else ""


def _fuzzed(fuzzing: Fuzzing) -> Run | None:
    """All runs of all targets together; None where some target was not run."""
    if any(target.name not in fuzzing.targets for target in TARGETS):
        return None
    runs = [run for target in fuzzing.targets.values() for run in target.runs.values()]
    return Run(sum(run.executions for run in runs), sum(run.crashes for run in runs), sum(run.took_s for run in runs))


def _found_by(http: HttpRecord) -> int:
    return http.server_errors + len(http.findings)


def _drills(drills: Drills) -> str:
    ran = drills.drills
    rows = [(drill.name, drill.what, *(_ran(ran[drill.name]) if drill.name in ran else UNKNOWN)) for drill in DRILLS]
    lines = [
        "## Drills",
        "",
        "`make drill`. A drill runs a real server under load, hurts it, and compares afterwards what every client was told with",
        "what stands in Postgres.",
        "",
        *_table(("drill", "what happens", "figures", "took", "anomalies", ""), rows),
    ]
    return _text(lines)


def _broken_servers(drills: Drills) -> str:
    rows = [(broken.name, broken.drill, broken.what, *_bitten(drills.bites.get(bite_name(broken)))) for broken in BROKEN]
    lines = [
        "## Broken servers",
        "",
        "`make drill ARGS=bites`. Each of these servers breaks one promise on purpose; the drill has to say so.",
        "",
        *_table(("broken server", "drill", "what it does", "what was found", "found out"), rows),
    ]
    return _text(lines)


def _simulation(simulation: Simulation) -> str:
    lines = [
        "## Simulation",
        "",
        "`make simulate`. Whole courses of the node in one process, under a pretended clock, disk, network and Postgres, with",
        "faults drawn from a seed; `ARGS=--bites` for nodes that break one promise on purpose.",
        "",
    ]
    lines += _campaign(simulation.campaign, simulation.first) if simulation.campaign else [NOT_RUN]
    bitten = {one.name: one for one in simulation.bites}
    rows = [(node.name, node.what, *_found(bitten.get(node.name))) for node in BROKEN_NODES]
    return _text([*lines, "", *_table(("broken node", "what it does", "seeds until found out", "what was found"), rows)])


def _found(found: Found | None) -> Sequence[str]:
    if found is None:
        return "", "not run"
    return str(found.seeds), ", ".join(found.signs) or "**nothing**"


def _campaign(campaign: Campaign, first: int) -> Iterator[str]:
    yield (
        f"Seeds {first} to {first + campaign.seeds - 1}: {campaign.seeds} courses, {campaign.turns:,} turns of the loop,"
        f" {campaign.virtual_s / 3600:.1f} h of their time, {campaign.lives:,} lives of the node;"
        f" {campaign.given:,} commands given, {campaign.acked:,} acknowledged, {campaign.deliveries:,} deliveries,"
        f" {campaign.resumes:,} resumes, {campaign.stored:,} events stored. {_strong(campaign.anomalies)} anomalies."
    )
    if campaign.failing:
        yield f"Seeds to run again: {', '.join(map(str, campaign.failing))}."
    yield ""
    yield "Faults: " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(campaign.faults.items())) + "."


def _fuzzing(fuzzing: Fuzzing) -> str:
    rows = [
        (target.name, target.what, engine, *_fuzzed_by(run))
        for target in TARGETS
        for engine, run in (fuzzing.targets[target.name].runs if target.name in fuzzing.targets else {"": None}).items()
    ]
    lines = [
        "## Fuzzing",
        "",
        "`make fuzz`: everything that takes bytes from outside.",
        "",
        *_table(("target", "what it is", "engine", "executions", "edges", "took", "crashes"), rows),
    ]
    return _text(lines)


def _fuzzed_by(run: Run | None) -> Sequence[str]:
    if run is None:
        return "", "", "", "not run"
    return f"{run.executions:,}", str(run.edges or ""), f"{run.took_s:.0f} s", _strong(run.crashes)


def _http(fuzzing: Fuzzing) -> str:
    lines = ["## The HTTP API", "", "`make fuzz ARGS=http`: schemathesis asks everything that `/schema` describes."]
    http = fuzzing.http
    if http is None:
        return _text([*lines, "", NOT_RUN])
    statuses = ", ".join(f"{status} {count:,} times" for status, count in sorted(http.statuses.items()))
    asked = f"{http.operations} operations, {http.cases:,} cases in {http.took_s:.0f} s"
    came = f"{_strong(http.server_errors)} server errors, {_strong(len(http.findings))} findings"
    return _text([*lines, "", f"{asked}: {came}. Answers: {statuses}."])


def _autobahn(outcome: Outcome | None) -> str:
    lines = [
        "## RFC 6455 and 7692",
        "",
        "`make autobahn`: the Autobahn test-suite against the server's own sockets with an echo behind them, which exists in the",
        "tests only (it needs a Python 2.7). Unimplemented are windows of ours that a client wants to bound",
        "(`server_max_window_bits`): such offers are not agreed on, and the line stays uncompressed. Non-strict: text that is no",
        "UTF-8 is refused at the end of its message, not at its first wrong byte.",
        "",
    ]
    return _text([*lines, NOT_RUN if outcome is None else f"{outcome}."])


def _mended() -> str:
    rows = [(one.what, one.found_by, ", ".join(f"`{test.partition('::')[2]}`" for test in one.tests)) for one in MENDED]
    return _text(["## Found and mended", "", *_table(("what it was", "found by", "held by"), rows)])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _strong(count: int) -> str:
    return f"**{count}**" if count else "0"


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _ran(record: Record) -> Sequence[str]:
    figures = "; ".join(f"{name} {value}" for name, value in record.figures.items())
    took = f"{record.took_s:.0f} s, seed {record.seed}"
    return figures, took, str(record.anomalies), "passed" if record.passed else "**failed**"


def _bitten(record: Record | None) -> Sequence[str]:
    if record is None:
        return "", "not run"
    nothing = "by complaint" if record.passed else "**nothing**"
    return record.figures.get("found", nothing), "yes" if record.passed else "**no**"
