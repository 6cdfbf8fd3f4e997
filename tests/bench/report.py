"""``python -m tests.bench.report``: the page and the pictures of the last ``make bench``, into docs/."""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.charts import Bar, Bars, Curve, bars_svg, curves_svg
from tests.bench.lines import Line, from_json, markdown

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


def page(lines: Sequence[Line], machine: str) -> str:
    """Markdown: the pictures, what has a target, and then everything."""
    with_target = [line for line in lines if line.distance is not None or line.failure]
    met = sum(bool(line.is_met) for line in with_target)
    return "\n".join(
        [
            "# Speed",
            "",
            f"One run of `make bench` on {machine}: everything is switched on (rules, journal with fsync,",
            "write-behind), server and load generator have a core each, and each figure stands beside a reference of the same",
            "minutes. Another machine has other figures; the ratios are what lasts. `ARCHITECTURE.md` says what bounds the misses.",
            "",
            "![Deliveries a second of one core, beside other servers, and how far each target is met](bench.svg)",
            "",
            "![Growth: by members, by rooms, by payload](bench-growth.svg)",
            "",
            f"## Targets: {met} of {len(with_target)} met",
            "",
            markdown(with_target),
            "",
            "## Everything that was measured",
            "",
            markdown(lines),
            "",
        ]
    )


def _machine() -> str:
    return f"a machine with {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.report", description=__doc__)
    parser.add_argument("--report", type=Path, default=Path("reports/bench.json"))
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    options = parser.parse_args()
    if not options.report.exists():
        parser.error(f"{options.report} is not there: run `make bench` first")
    lines = from_json(options.report.read_bytes())
    drawn = {"bench.svg": bars_svg(comparison(lines)), "bench-growth.svg": curves_svg(growth(lines))}
    drawn["bench.md"] = page(lines, _machine())
    for name, text in drawn.items():
        (options.docs / name).write_text(text)
        sys.stdout.write(f"{options.docs / name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
