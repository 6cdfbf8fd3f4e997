"""The pictures of a run: every figure of it is there, and they are well-formed."""

from xml.etree import ElementTree

import pytest

from tests.bench.charts import Bar, Bars, Curve, bars_svg, curves_svg, shown
from tests.bench.lines import Line
from tests.bench.report import comparison, growth, page

LINES = [
    Line(name="fan-out W=1 beside Node ws", unit="/core-s", measured=200_000.0, reference=140_000.0, reference_name="Node ws"),
    Line(name="fan-out W=1 beside nginx nchan", unit="/core-s", lacking="nginx with nchan"),
    Line(name="start, again", unit="s", measured=1.0, target=2.0, more_is_better=False),
    Line(name="deliveries by members: 10 members", unit="/s", measured=5.0, group="deliveries by members", x=10.0),
    Line(name="deliveries by members: 100 members", unit="/s", measured=6.0, group="deliveries by members", x=100.0),
]


def texts(picture: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("text")]


def test_the_comparison_has_a_bar_for_everyone_who_was_measured() -> None:
    said = texts(bars_svg(comparison(LINES)))

    assert {"Atrium", "Node ws", "200k", "140k", "start, again"} <= set(said)
    assert "nginx nchan" not in said


def test_a_curve_has_its_axis_and_its_points() -> None:
    (curve,) = growth(LINES)
    said = texts(curves_svg([curve]))

    assert curve.points == [(10.0, 5.0), (100.0, 6.0)]
    assert {"members", "10", "100", "Deliveries by members"} <= set(said)


def test_the_page_has_every_figure_and_says_how_many_targets_are_met() -> None:
    said = page(LINES, "a machine")

    assert "Targets: 1 of 1 met" in said
    assert all(line.name in said for line in LINES)
    assert "lacking: nginx with nchan" in said


def test_what_people_named_does_not_break_the_picture() -> None:
    chart = Bars("a < b & c", '"unit"', [Bar("<ours>", 1.0, is_ours=True)])

    assert "<ours>" in texts(bars_svg([chart]))


def test_a_flat_curve_is_drawn_below_the_top() -> None:
    picture = curves_svg([Curve("flat", "rooms", "/s", [(1.0, 10.0), (10.0, 10.0)])])
    heights = {each.attrib["cy"] for each in ElementTree.fromstring(picture).iter() if each.tag.endswith("circle")}

    assert len(heights) == 1


@pytest.mark.parametrize(("value", "text"), [(1_300_000.0, "1.3M"), (48_200.0, "48.2k"), (4.512, "4.51")])
def test_numbers_are_shown_as_they_are_read(value: float, text: str) -> None:
    assert shown(value) == text
