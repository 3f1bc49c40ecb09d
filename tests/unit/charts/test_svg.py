from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.charts import Chart, MeanLine, NamedBar, Series, describe, paint_figure, paint_svg
from monitor.charts.palette import FILLS, STROKES
from tests.unit.charts.examples import bars, days, heat, line, means, names, parts, spark

SHEET = Path("monitor/web/static/charts.css").read_text()
ALL: list[Chart] = [
    bars(),
    line((60.0, None, 90.0, 120.0), target=100.0),
    names(NamedBar("delivery", 4, n=9), NamedBar("unknown", None)),
    heat(),
    spark(3.0, None, 4.5),
    bars(periods=parts(14, 0, 13)),
    line((60.0, 90.0, 30.0), periods=parts(3, 2)),
    means(1.5, None, 4.25, 5.0, periods=parts(4, 3)),
    means(-0.5, 0.25, low=-1, high=1),
]
ROUGH = '<script>alert("x")</script> & \' " ]]>'


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_every_kind_is_well_formed_named_and_free_of_styles(chart: Chart) -> None:
    root = ElementTree.fromstring(paint_svg(chart))  # our own text

    assert root.get("role") == "img"
    assert root.get("aria-label") == describe(chart)
    for each in root.iter():
        assert not {name for name in each.attrib if name == "style" or name.startswith("on")}
        assert each.tag in {"svg", "path", "text", "title", "g"}


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_the_style_sheet_knows_every_class_that_is_painted(chart: Chart) -> None:
    painted = paint_figure(chart)

    for name in set(re.findall(r"(?:fill|line|key)-[a-z0-9-]+|(?:left|right)-[1-9]\d?", painted)):
        assert f".{name} " in SHEET or f".{name}," in SHEET, name


def test_the_style_sheet_and_the_picture_have_the_same_colours() -> None:
    light = SHEET.split("@media")[0]
    for role, colour in (*FILLS.items(), *((role, each[0]) for role, each in STROKES.items())):
        if role not in ("axis",):
            assert colour in light, f"{role} is {colour} in pictures and another colour on pages"


def test_text_from_outside_stays_text() -> None:
    rough = [
        names(NamedBar(ROUGH, 3)),
        bars(title=ROUGH, unit=ROUGH, note=ROUGH),
        bars(series=(Series(ROUGH, "met", tuple(range(14))),)),
    ]
    for chart in rough:
        painted = paint_figure(chart)
        assert "<script" not in painted
        ElementTree.fromstring(painted)


def test_ninety_days_and_a_year_of_days_stay_small() -> None:
    assert len(paint_svg(bars(90)).encode()) < 15_000
    assert len(paint_svg(bars(365)).encode()) < 30_000


def test_all_shapes_of_a_role_are_one_path() -> None:
    painted = paint_svg(bars(90))

    assert painted.count('class="fill-met"') == 1


def boxes(painted: str, role: str) -> list[tuple[float, float, float, float]]:
    """Read a path of boxes back: left, top, right, bottom of each."""
    found = re.search(rf'class="fill-{role}" d="([^"]*)"', painted)
    x = y = 0.0
    read = []
    for step in (found[1].split("z") if found else [])[:-1]:
        n = [float(each) for each in re.findall(r"-?[\d.]+", step)]
        x, y = x + n[0], y + n[1]
        read.append((x, y + n[2], x + n[3], y))
    return read


@given(st.lists(st.integers(0, 500) | st.none(), min_size=1, max_size=150))
def test_bars_are_as_high_as_their_values_and_stand_in_their_period(
    values: list[int | None],
) -> None:
    chart = bars(periods=days(len(values)), series=(Series("in time", "met", tuple(values)),))
    painted = paint_svg(chart)
    grain = float(re.findall(r'viewBox="0 0 (\d+)', painted)[0])

    read = boxes(painted, "met")
    drawn = [(place, value) for place, value in enumerate(values) if value]
    assert len(read) == len(drawn)
    highest = max((value for _, value in drawn), default=0)
    tallest = max((bottom - top for _, top, _, bottom in read), default=0)
    for (left, top, right, bottom), (place, value) in zip(read, drawn, strict=True):
        assert place / len(values) <= left / grain < right / grain <= (place + 1) / len(values)
        assert bottom - top == pytest.approx(max(1.5, tallest * value / highest), abs=1.2)


def test_a_gap_is_shown_and_is_not_zero() -> None:
    chart = bars(3, series=(Series("in time", "met", (4, None, 0)),))
    painted = paint_svg(chart)

    assert len(boxes(painted, "gap")) == 1
    assert "nothing known" in painted


def test_a_line_breaks_at_a_gap_and_a_lonely_value_is_a_dot() -> None:
    painted = paint_svg(line((60.0, 70.0, None, 90.0)))

    found = re.search(r'class="line-middle" d="([^"]*)"', painted)
    assert found is not None
    assert found[1].count("m") == 1
    dot = re.search(r'class="line-tip" d="([^"]*)"', painted)
    assert dot is not None
    assert dot[1].count("m") == 1
    assert dot[1].endswith("h0")


def test_names_beside_lines_do_not_stand_on_each_other() -> None:
    painted = paint_svg(line((100.0, 100.0), (100.0, 100.0), target=100.0))

    downs = sorted(
        float(each)
        for each in re.findall(
            r'class="word-(?:middle|upper|target)" x="100%" y="([\d.]+)"', painted
        )
    )
    assert len(downs) == 3
    assert all(second - first >= 12 for first, second in itertools.pairwise(downs))


@pytest.mark.parametrize("count", [1, 2, 5, 7, 14, 30, 31, 60, 90, 120, 365])
@pytest.mark.parametrize(("width", "shown"), [(264, "always"), (560, "roomy")])
def test_names_of_periods_never_touch(count: int, width: float, shown: str) -> None:
    from monitor.charts.layout import lay_out
    from monitor.charts.shapes import PAGE

    drawing = lay_out(bars(count), PAGE)
    plot = width - drawing.left - drawing.right
    ends = []
    for words in drawing.words:
        if words.role == "name" and words.where in ("always", shown):
            wide = len(words.text) * PAGE.letter * 0.56
            begin = (
                words.across * plot - {"start": 0, "middle": wide / 2, "end": wide}[words.anchor]
            )
            ends.append((begin, begin + wide))
    ends.sort()
    assert ends
    assert all(after[0] > before[1] for before, after in itertools.pairwise(ends))


def names_of(chart: Chart, shown: str) -> list[str]:
    from monitor.charts.layout import lay_out
    from monitor.charts.shapes import PAGE

    words = lay_out(chart, PAGE).words
    return [each.text for each in words if each.role == "name" and each.where in ("always", shown)]


@pytest.mark.parametrize("count", [2, 7, 14, 29, 30, 31, 60, 90, 120, 365])
@pytest.mark.parametrize("shown", ["always", "roomy"])
def test_names_of_periods_are_evenly_spaced_up_to_the_newest(count: int, shown: str) -> None:
    chart = bars(count)
    places = {each.short: place for place, each in enumerate(chart.periods)}
    named = [places[name] for name in names_of(chart, shown)]
    assert named[-1] == count - 1
    assert len({after - before for before, after in itertools.pairwise(named)}) <= 1


@pytest.mark.parametrize("count", [7, 13, 28, 30, 31, 53, 90])
def test_charts_of_the_same_periods_name_the_same_ones(count: int) -> None:
    small = bars(count, series=(Series("in time", "met", (1,) * count),))
    long = line(tuple(9_999.0 * place for place in range(count)), target=1e6)
    for shown in ("always", "roomy"):
        assert names_of(small, shown) == names_of(long, shown)


def test_the_newest_period_is_always_named() -> None:
    for count in (1, 9, 30, 90, 365):
        chart = bars(count)
        assert f">{chart.periods[-1].short}</text>" in paint_svg(chart)


def test_staffed_hours_are_drawn_around() -> None:
    from monitor.charts.layout import lay_out
    from monitor.charts.shapes import PAGE, Line

    lines = [each for each in lay_out(heat(), PAGE).shapes if each.role == "staffed"]

    assert all(isinstance(each, Line) for each in lines)
    across = sorted({point[0] for each in lines if isinstance(each, Line) for point in each.points})
    assert across == [9 / 24, 17 / 24]


@pytest.mark.parametrize("count", [3, 14, 90])
def test_a_bar_whose_period_is_not_whole_is_striped_and_said_to_be(count: int) -> None:
    series = (Series("met", "met", (100,) * count), Series("late", "missed", (100,) * count))
    painted = paint_svg(bars(periods=parts(count, count - 1), series=series))
    whole = paint_svg(bars(periods=days(count), series=series))
    stripes = boxes(painted, "part")
    late = boxes(painted, "missed")[-1]
    met = boxes(painted, "met")[-1]
    assert len(stripes) > 20
    for left, top, right, bottom in stripes:
        assert (left, right) == (late[0], late[2])
        assert late[1] < top < bottom < met[3]
    assert not boxes(whole, "part")
    assert re.search(r"<title>[^<]*\(so far\): 100 met", painted)


def test_a_sliver_is_striped_too() -> None:
    series = (Series("met", "met", (1_000, 1_000, 30)),)
    (stripe,) = boxes(paint_svg(bars(periods=parts(3, 2), series=series)), "part")
    sliver = boxes(paint_svg(bars(3, series=series)), "met")[-1]
    assert sliver[1] < stripe[1] < stripe[3] < sliver[3]


def test_a_value_whose_period_is_not_whole_is_a_hollow_dot() -> None:
    from monitor.charts.layout import lay_out
    from monitor.charts.shapes import PAGE, Line

    drawing = lay_out(line((60.0, 90.0, 30.0), periods=parts(3, 0, 2)), PAGE)
    dots = [each for each in drawing.shapes if each.role == "hollow"]
    assert [each.points[0][0] for each in dots if isinstance(each, Line)] == [0.5 / 3, 2.5 / 3]
    assert [each.name for each in drawing.keys][-1] == "not whole"
    assert "not whole" not in paint_figure(line((60.0, 90.0)))


@pytest.mark.parametrize(
    ("chart", "marks"),
    [
        (means(1.0, 3.0, 5.0), ["1", "2", "3", "4", "5"]),
        (means(-1.0, 0.0, 1.0, low=-1, high=1), ["-1", "-0.5", "0", "0.5", "1"]),
    ],
)
def test_means_stand_on_the_whole_of_their_scale(chart: MeanLine, marks: list[str]) -> None:
    from monitor.charts.layout import lay_out
    from monitor.charts.shapes import PAGE, Line

    drawing = lay_out(chart, PAGE)
    places = {each.text: each.down for each in drawing.words if each.role == "mark"}
    assert list(places) == marks
    (drawn,) = (each for each in drawing.shapes if each.role == "middle")
    assert isinstance(drawn, Line)
    letter = PAGE.letter * 0.35
    assert [down + letter for _, down in drawn.points] == pytest.approx(
        [places[marks[0]], places[marks[2]], places[marks[4]]]
    )
    assert drawn.points[0][1] - drawn.points[2][1] == PAGE.plot


def test_a_page_with_the_numbers_in_a_table_of_its_own_has_them_once() -> None:
    assert "<table" in paint_figure(heat())
    assert "<table" not in paint_figure(replace(heat(), tabled=False))
