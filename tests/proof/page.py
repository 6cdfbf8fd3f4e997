"""Markdown of what was shown. Each section says how to show it again; what was not run says so."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.autobahn.suite import Outcome
from tests.drills.everything import BROKEN, DRILLS
from tests.drills.records import Record, bite_name
from tests.drills.records import Records as Drills
from tests.fuzz.records import Records as Fuzzing
from tests.proof.mended import MENDED
from tests.simulation.broken import BROKEN as BROKEN_NODES
from tests.simulation.campaign import Campaign, Found
from tests.simulation.records import Records as Simulation

NOT_RUN = "Not run here."
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
        ("drills without an anomaly", sum(one.name in drills and drills[one.name].passed for one in DRILLS), len(DRILLS)),
        ("broken servers found out", sum(name in bites and bites[name].passed for name in map(bite_name, BROKEN)), len(BROKEN)),
        ("broken nodes found out by simulation", sum(one.name in found for one in BROKEN_NODES), len(BROKEN_NODES)),
    ]
    lines = [
        "# Proof",
        "",
        "What was done so that nothing acknowledged is lost and no client takes the server down, and what came of it when it was",
        "last run in its long form. CONTRIBUTING.md says how to run each part alone; `make proof` writes this page.",
        "",
        *_table(("", "", ""), [(what, f"{good} of {of}", "" if good == of else "**see below**") for what, good, of in rows]),
    ]
    return _text(lines)


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
        f" {campaign.resumes:,} resumes, {campaign.stored:,} events stored. **{campaign.anomalies} anomalies.**"
    )
    yield ""
    yield "Faults: " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(campaign.faults.items())) + "."


def _fuzzing(fuzzing: Fuzzing) -> str:
    rows = [
        (name, target.what, engine, f"{run.executions:,}", str(run.edges or ""), f"{run.took_s:.0f} s", str(run.crashes))
        for name, target in fuzzing.targets.items()
        for engine, run in target.runs.items()
    ]
    total = sum(run.executions for target in fuzzing.targets.values() for run in target.runs.values())
    lines = [
        "## Fuzzing",
        "",
        f"`make fuzz`. {total:,} executions.",
        "",
        *_table(("target", "what it is", "engine", "executions", "edges", "took", "crashes"), rows),
    ]
    return _text(lines)


def _http(fuzzing: Fuzzing) -> str:
    lines = ["## The HTTP API", "", "`make fuzz ARGS=http`: schemathesis asks everything that `/schema` describes."]
    http = fuzzing.http
    if http is None:
        return _text([*lines, "", NOT_RUN])
    statuses = ", ".join(f"{status} {count:,} times" for status, count in sorted(http.statuses.items()))
    asked = f"{http.operations} operations, {http.cases:,} cases in {http.took_s:.0f} s"
    came = f"{http.server_errors} server errors, {len(http.findings)} findings"
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


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _ran(record: Record) -> Sequence[str]:
    figures = "; ".join(f"{name} {value}" for name, value in record.figures.items())
    took = f"{record.took_s:.0f} s, seed {record.seed}"
    return figures, took, str(record.anomalies), "passed" if record.passed else "**failed**"


def _bitten(record: Record | None) -> Sequence[str]:
    if record is None:
        return "", "not run"
    return record.figures.get("found", "by complaint"), "yes" if record.passed else "**no**"
