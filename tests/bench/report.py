"""``python -m tests.bench.report``: the pictures of the last ``make bench``, into docs/."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.charts import Bar, Bars, Curve, bars_svg, curves_svg
from tests.bench.lines import Line, from_json

BESIDE = " beside "
ATRIUM = "Atrium"


def comparison(lines: Sequence[Line]) -> list[Bars]:
    """Fan-out beside every reference of the run: what one second of one core delivers."""
    charts = []
    for window, words in ((1, "one message in flight"), (16, "sixteen in flight")):
        beside = [line for line in lines if line.name.startswith(f"fan-out W={window}{BESIDE}") and line.measured]
        if beside:
            bars = [Bar(ATRIUM, beside[0].measured, is_ours=True)]
            bars += [Bar(line.name.partition(BESIDE)[2], line.reference or 0.0) for line in beside]
            bars.sort(key=lambda bar: -bar.value)
            charts.append(Bars(f"Fan-out to a room, {words}", "deliveries per second of one core", bars))
    return [*charts, *_durable(lines)]


def _durable(lines: Sequence[Line]) -> list[Bars]:
    """Figures with a target: how far along each is, 1 being there."""
    bars = [Bar(_short(line.name), line.distance, is_ours=bool(line.is_met)) for line in lines if line.distance]
    note = "1 is the target; longer is better; at most 3 is drawn"
    bars = [bar._replace(value=min(bar.value, 3.0)) for bar in bars]
    return [Bars("Targets", "times better than the target", bars, note, label_width=350)] if bars else []


def _short(name: str) -> str:
    """A bar's label has room for so much."""
    return name if len(name) <= 52 else name[:51] + "…"


def growth(lines: Sequence[Line]) -> list[Curve]:
    """One curve for each group of lines that stand on an axis."""
    curves = []
    for group in dict.fromkeys(line.group for line in lines if line.x is not None):
        members = [line for line in lines if line.group == group and line.x is not None]
        axis = members[0].name.rpartition(" ")[2]
        points = [(line.x, line.measured) for line in members if line.x]
        if len(points) > 1:
            curves.append(Curve(group.capitalize(), axis, members[0].unit, points))
    return curves


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.report", description=__doc__)
    parser.add_argument("--report", type=Path, default=Path("reports/bench.json"))
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    options = parser.parse_args()
    if not options.report.exists():
        parser.error(f"{options.report} is not there: run `make bench` first")
    lines = from_json(options.report.read_bytes())
    drawn = {"bench.svg": bars_svg(comparison(lines)), "bench-growth.svg": curves_svg(growth(lines))}
    for name, picture in drawn.items():
        (options.docs / name).write_text(picture)
        sys.stdout.write(f"{options.docs / name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
