"""What the drills found last, kept in ``reports/drills.json`` and told in one page: one line a drill, one a broken server."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.drills.catalog import Broken, Drill
from tests.drills.report import Report

RECORDS = Path("reports/drills.json")


class Record(msgspec.Struct):
    """One run. ``seed`` runs it again; ``anomalies`` counts those of the history and the complaints."""

    what: str
    passed: bool
    anomalies: int
    seed: int
    took_s: float
    figures: dict[str, str]


class Records(msgspec.Struct):
    """By name of the drill, and by "broken server on drill"."""

    drills: dict[str, Record] = {}
    bites: dict[str, Record] = {}

    def drilled(self, drill: Drill, report: Report, seed: int, took_s: float) -> None:
        self.drills[drill.name] = _record(drill.what, report, seed, took_s, passed=report.passed)

    def bitten(self, broken: Broken, report: Report, unseen: Sequence[str], took_s: float) -> None:
        name = f"{broken.name} on {broken.drill}"
        self.bites[name] = _record(broken.what, report, broken.orders.plan.seed, took_s, passed=not unseen)


def load_records(path: Path = RECORDS) -> Records:
    return msgspec.json.decode(path.read_bytes(), type=Records) if path.exists() else Records()


def save_records(records: Records, path: Path = RECORDS) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(records)))


def _record(what: str, report: Report, seed: int, took_s: float, *, passed: bool) -> Record:
    verdict = report.verdict
    judged = {"given": verdict.sent, "acknowledged": verdict.acked, "deliveries": verdict.received, "stored": verdict.stored}
    found = {"found": dict(verdict.counts)} if verdict.counts else {}
    figures = {name: str(value) for name, value in {**report.figures, **judged, **found}.items() if value not in (0, {}, "")}
    return Record(what, passed, verdict.counts.total() + len(report.complaints), seed, round(took_s, 1), figures)


def page(records: Records) -> str:
    """Markdown: what was drilled with how much and how many anomalies, and which broken servers were found out."""
    drills = [
        f"| {name} | {record.what} | {_told(record)} | {record.anomalies} | {'passed' if record.passed else '**failed**'} |"
        for name, record in records.drills.items()
    ]
    bites = [
        f"| {name.replace(' on ', ' | ')} | {record.what} | {record.figures.get('found', 'by complaint')} |"
        f" {'yes' if record.passed else '**no**'} |"
        for name, record in records.bites.items()
    ]
    caught = sum(record.passed for record in records.bites.values())
    lines = [
        "# Drills",
        "",
        "What the last `make drill` found; CONTRIBUTING.md says how to run one alone. A drill runs a real server under load, hurts",
        "it, and compares afterwards what every client was told with what stands in Postgres.",
        "",
        "| drill | what happens | figures | anomalies | |",
        "| --- | --- | --- | --- | --- |",
        *drills,
        "",
        f"## Broken servers: {caught} of {len(records.bites)} found out",
        "",
        "Each of these servers breaks one promise on purpose; the drill has to say so.",
        "",
        "| broken server | drill | what it does | what was found | found out |",
        "| --- | --- | --- | --- | --- |",
        *bites,
    ]
    return "\n".join(lines) + "\n"


def _told(record: Record) -> str:
    return "; ".join(f"{name} {value}" for name, value in record.figures.items()).replace("|", "/")
