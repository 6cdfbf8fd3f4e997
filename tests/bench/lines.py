"""One figure of the table: what was measured, beside its reference of the same run and its target."""

from collections.abc import Sequence

import msgspec


class Line(msgspec.Struct, kw_only=True):
    """``target`` and ``reference`` are in ``unit`` too. ``more_is_better`` says which way the distance is read."""

    name: str
    unit: str
    measured: float
    reference: float | None = None
    reference_name: str = ""
    target: float | None = None
    target_text: str = ""
    more_is_better: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Measured over reference."""
        return self.measured / self.reference if self.reference else None

    @property
    def distance(self) -> float | None:
        """How many times better than the target (1 is there, below 1 is missing)."""
        if not self.target or not self.measured:
            return None
        return self.measured / self.target if self.more_is_better else self.target / self.measured


def table(lines: Sequence[Line]) -> str:
    """Plain text, columns aligned."""
    head = ["figure", "measured", "reference", "ratio", "target", "distance"]
    rows = [head, *[_cells(line) for line in lines]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    drawn.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(drawn + [f"{line.name}: {line.note}" for line in lines if line.note])


def as_json(lines: Sequence[Line]) -> bytes:
    rows = [{**msgspec.to_builtins(line), "ratio": line.ratio, "distance": line.distance} for line in lines]
    return msgspec.json.format(msgspec.json.encode(rows))


def _cells(line: Line) -> list[str]:
    reference = f"{_number(line.reference)} {line.reference_name}" if line.reference else ""
    ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
    target = line.target_text or (f"{_number(line.target)} {line.unit}" if line.target else "")
    distance = f"{line.distance:.2f}" + (" ok" if line.distance >= 1 else "") if line.distance is not None else ""
    return [line.name, f"{_number(line.measured)} {line.unit}", reference, ratio, target, distance]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
