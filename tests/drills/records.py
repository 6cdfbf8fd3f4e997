"""What the drills found last, kept in ``reports/drills.json`` for the page of proof."""

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
    """By name of the drill, and by ``bite_name``."""

    drills: dict[str, Record] = {}
    bites: dict[str, Record] = {}

    def drilled(self, drill: Drill, report: Report, seed: int, took_s: float) -> None:
        self.drills[drill.name] = _record(drill.what, report, seed, took_s, passed=report.passed)

    def bitten(self, broken: Broken, report: Report, unseen: Sequence[str], took_s: float) -> None:
        self.bites[bite_name(broken)] = _record(broken.what, report, broken.orders.plan.seed, took_s, passed=not unseen)


def bite_name(broken: Broken) -> str:
    return f"{broken.name} on {broken.drill}"


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
    anomalies = verdict.counts.total() + len(report.complaints) + bool(report.broke_off)
    return Record(what, passed, anomalies, seed, round(took_s, 1), figures)
