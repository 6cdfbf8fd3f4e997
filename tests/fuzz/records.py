"""What the long forms found last, kept in ``reports/fuzz.json`` for the report."""

from pathlib import Path

import msgspec

RECORDS = Path("reports/fuzz.json")


class Run(msgspec.Struct):
    """One target under one engine. ``seed`` runs hypothesis' part again; ``edges`` is what the guided part reached."""

    executions: int
    crashes: int
    took_s: float
    seed: int = 0
    edges: int = 0


class TargetRecord(msgspec.Struct):
    """``runs`` by engine."""

    what: str
    runs: dict[str, Run] = {}


class HttpRecord(msgspec.Struct):
    """``statuses`` counts the answers; ``findings`` are the distinct ones."""

    operations: int
    cases: int
    server_errors: int
    findings: list[str]
    statuses: dict[str, int]
    took_s: float
    seed: int


class Records(msgspec.Struct):
    targets: dict[str, TargetRecord] = {}
    http: HttpRecord | None = None

    def ran(self, name: str, what: str, engine: str, run: Run) -> None:
        self.targets.setdefault(name, TargetRecord(what)).runs[engine] = run
        self.targets[name].what = what


def load_records(path: Path = RECORDS) -> Records:
    return msgspec.json.decode(path.read_bytes(), type=Records) if path.exists() else Records()


def save_records(records: Records, path: Path = RECORDS) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(records)))
