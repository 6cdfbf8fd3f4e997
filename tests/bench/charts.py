"""Charts as SVG, drawn by hand: bars and curves that are read in light and in dark, without a script or a font of their own."""

import math
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e }
  .line { stroke: #d1d9e0 }
  .ours { fill: #0969da } .other { fill: #afb8c1 }
  .curve { fill: none; stroke: #0969da; stroke-width: 2.5 } .dot { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .line { stroke: #3d444d }
    .ours { fill: #4493f8 } .other { fill: #656c76 }
    .curve { stroke: #4493f8 } .dot { fill: #4493f8 }
  }
"""
WIDTH = 760
VALUE_WIDTH = 80
BAR, GAP = 20, 8
PLOT_HEIGHT = 150


class Bar(NamedTuple):
    label: str
    value: float
    is_ours: bool = False


class Bars(NamedTuple):
    """Horizontal bars from the same zero; ``note`` says how they are to be read."""

    title: str
    unit: str
    bars: Sequence[Bar]
    note: str = ""
    label_width: int = 190


class Curve(NamedTuple):
    """Values over powers of ten, from zero up, so that what is flat looks flat."""

    title: str
    axis: str
    unit: str
    points: Sequence[tuple[float, float]]


def bars_svg(charts: Sequence[Bars]) -> str:
    """All of them below each other."""
    parts, top = [], 0.0
    for chart in charts:
        parts.append(_group(top, _bars(chart)))
        top += _bars_height(chart)
    return _svg(top, charts[0].title if charts else "", parts)


def curves_svg(curves: Sequence[Curve]) -> str:
    """Two beside each other."""
    parts, height = [], PLOT_HEIGHT + 95.0
    for number, curve in enumerate(curves):
        parts.append(f'<g transform="translate({number % 2 * WIDTH / 2:g} {number // 2 * height:g})">{_curve(curve)}</g>')
    return _svg(math.ceil(len(curves) / 2) * height, "Growth", parts)


def shown(value: float) -> str:
    """As a person reads it: 1.3M, 48k, 4.51."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _group(top: float, content: str) -> str:
    return f'<g transform="translate(0 {top:g})">{content}</g>'


def _text(x: float, y: float, text: str, how: str = "", anchor: str = "start") -> str:
    kind = f' class="{how}"' if how else ""
    return f'<text x="{x:g}" y="{y:g}"{kind} text-anchor="{anchor}">{escape(text)}</text>'


def _bars_height(chart: Bars) -> float:
    return 62.0 + len(chart.bars) * (BAR + GAP) + (18 if chart.note else 0)


def _bars(chart: Bars) -> str:
    most = max((bar.value for bar in chart.bars), default=1.0) or 1.0
    left = chart.label_width
    space = WIDTH - left - VALUE_WIDTH
    parts = [_text(0, 20, chart.title, "title"), _text(WIDTH, 20, chart.unit, "quiet", "end")]
    top = 34.0
    for bar in chart.bars:
        width = max(bar.value / most * space, 1.0)
        middle = top + BAR - 5
        parts += [
            _text(left - 10, middle, bar.label, "" if bar.is_ours else "quiet", "end"),
            f'<rect x="{left}" y="{top:g}" width="{width:.1f}" height="{BAR}" rx="3" class="{_kind(bar)}"/>',
            _text(left + width + 8, middle, shown(bar.value)),
        ]
        top += BAR + GAP
    if chart.note:
        parts.append(_text(left, top + 12, chart.note, "quiet"))
    return "".join(parts)


def _kind(bar: Bar) -> str:
    return "ours" if bar.is_ours else "other"


def _curve(curve: Curve) -> str:
    left, right, top = 52.0, WIDTH / 2 - 24, 46.0
    bottom = top + PLOT_HEIGHT
    most = max(value for _, value in curve.points) * 1.15 or 1.0
    logs = [math.log10(x) for x, _ in curve.points]
    span = (logs[-1] - logs[0]) or 1.0
    places = [
        (left + 10 + (log - logs[0]) / span * (right - left - 20), bottom - value / most * PLOT_HEIGHT)
        for log, (_, value) in zip(logs, curve.points, strict=True)
    ]
    parts = [_text(0, 20, curve.title, "title"), _text(left, top - 8, curve.unit, "quiet")]
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * PLOT_HEIGHT
        parts.append(f'<line x1="{left:g}" x2="{right:g}" y1="{y:g}" y2="{y:g}" class="line"/>')
        parts.append(_text(left - 6, y + 4, shown(most * share), "quiet", "end"))
    parts.append(f'<polyline class="curve" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
    for (x, y), (value_x, _) in zip(places, curve.points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="dot"/>')
        parts.append(_text(x, bottom + 18, shown(value_x), "quiet", "middle"))
    parts.append(_text((left + right) / 2, bottom + 36, curve.axis, "quiet", "middle"))
    return "".join(parts)
