"""One figure of the table: what was measured, beside its reference of the same minutes and its target."""

from collections.abc import Sequence

import msgspec


class Line(msgspec.Struct, kw_only=True):
    """``target`` and ``reference`` are in ``unit`` too. ``more_is_better`` says which way the distance is read.

    A line that could not be measured says in ``lacking`` what this machine has not got, or in ``failure`` what went wrong.
    ``least_ratio`` and ``most_ratio`` are targets for measured over reference; ``target`` is one for the figure itself, which a
    faster machine meets more easily.
    """

    name: str
    unit: str
    measured: float = 0.0
    reference: float | None = None
    reference_name: str = ""
    target: float | None = None
    least_ratio: float | None = None
    most_ratio: float | None = None
    more_is_better: bool = True
    lacking: str = ""
    failure: str = ""
    note: str = ""
    part: str = ""
    group: str = ""
    x: float | None = None
    """Where the figure stands on the axis of its ``group``, for a curve."""

    @property
    def ratio(self) -> float | None:
        """Measured over reference."""
        return self.measured / self.reference if self.reference and self.measured else None

    @property
    def distance(self) -> float | None:
        """How many times better than the target (1 is there, below 1 is missing); None without a target or a figure."""
        if not self.measured:
            return None
        if self.ratio is not None and self.least_ratio:
            return self.ratio / self.least_ratio
        if self.ratio is not None and self.most_ratio:
            return self.most_ratio / self.ratio
        if not self.target:
            return None
        return self.measured / self.target if self.more_is_better else self.target / self.measured

    @property
    def is_met(self) -> bool | None:
        return None if self.distance is None else self.distance >= 1


HEAD = ["figure", "measured", "reference", "ratio", "target", "met"]


def table(lines: Sequence[Line]) -> str:
    """Plain text, columns aligned; notes below."""
    rows = [HEAD, *[_cells(line) for line in lines]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    drawn.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(drawn + [f"{line.name}: {line.note}" for line in lines if line.note])


def markdown(lines: Sequence[Line]) -> str:
    """The same as a table of Markdown; notes stand in a last column."""
    rows = [[*HEAD, "note"], ["---"] * (len(HEAD) + 1), *[[*_cells(line), line.note] for line in lines]]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


def as_json(lines: Sequence[Line]) -> bytes:
    rows = [{**msgspec.to_builtins(line), "ratio": line.ratio, "distance": line.distance} for line in lines]
    return msgspec.json.format(msgspec.json.encode(rows))


def from_json(body: bytes) -> list[Line]:
    return msgspec.json.decode(body, type=list[Line])


def _cells(line: Line) -> list[str]:
    if line.lacking or line.failure:
        return [line.name, f"lacking: {line.lacking}" if line.lacking else f"failed: {line.failure}", "", "", _target(line), ""]
    reference = f"{_number(line.reference)} {line.reference_name}" if line.reference else ""
    ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
    met = "" if line.distance is None else f"{'yes' if line.is_met else 'NO '} {line.distance:.2f}"
    return [line.name, f"{_number(line.measured)} {line.unit}", reference, ratio, _target(line), met]


def _target(line: Line) -> str:
    if line.least_ratio:
        return f">= {line.least_ratio:g} x reference"
    if line.most_ratio:
        return f"<= {line.most_ratio:g} x reference"
    if line.target:
        return f"{'>=' if line.more_is_better else '<='} {_number(line.target)} {line.unit}"
    return ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
