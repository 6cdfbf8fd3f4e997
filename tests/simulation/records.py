"""What the long forms showed last, kept in ``reports/simulation.json`` for the page of proof."""

from pathlib import Path

import msgspec

from tests.simulation.campaign import Campaign, Found

RECORDS = Path("reports/simulation.json")


class Records(msgspec.Struct):
    """``first`` is the campaign's first seed."""

    campaign: Campaign | None = None
    first: int = 1
    bites: list[Found] = []


def load_records(path: Path = RECORDS) -> Records:
    return msgspec.json.decode(path.read_bytes(), type=Records) if path.exists() else Records()


def save_records(records: Records, path: Path = RECORDS) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(records)))
