from __future__ import annotations

import io

import pytest

from monitor.charts import Chart, NamedBar, Series, paint_png
from monitor.charts.palette import FILLS
from monitor.charts.png import plain
from tests.unit.charts.examples import bars, heat, line, means, names, parts, spark

Image = pytest.importorskip("PIL.Image")

ALL: list[Chart] = [
    bars(),
    line((60.0, None, 90.0, 120.0), target=100.0),
    names(NamedBar("delivery", 4, n=9), NamedBar("unknown", None)),
    heat(),
    spark(3.0, None, 4.5),
    bars(periods=parts(14, 0, 13)),
    line((60.0, 90.0, 30.0), periods=parts(3, 2)),
    means(1.5, None, 4.25, 5.0, periods=parts(4, 3)),
    bars(1, title="A title that is far too long for the width of one picture, however wide it is"),
]


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_every_kind_is_painted_as_wide_as_a_telephone_wants_it(chart: Chart) -> None:
    picture = Image.open(io.BytesIO(paint_png(chart)))

    assert picture.format == "PNG"
    assert picture.width == 1080
    assert picture.getpixel((540, 20)) == (255, 255, 255, 255)
    assert picture.getpixel((0, 0))[3] == 0, "the corners are round on any ground"


def count(picture: object, role: str) -> int:
    colour = tuple(int(FILLS[role][place : place + 2], 16) for place in (1, 3, 5))
    colours = picture.getcolors(1 << 24)  # type: ignore[attr-defined]
    return sum(many for many, each in colours if each == colour)


def test_areas_of_colours_are_as_the_values() -> None:
    chart = bars(7, series=(Series("a", "met", (8,) * 7), Series("b", "missed", (4,) * 7)))
    picture = Image.open(io.BytesIO(paint_png(chart))).convert("RGB")

    # The legend's two squares are the same, so they do not disturb the order.
    assert count(picture, "met") == pytest.approx(2 * count(picture, "missed"), rel=0.05)


def test_the_picture_is_the_same_each_time() -> None:
    assert paint_png(bars()) == paint_png(bars())


def test_what_the_font_lacks_is_written_with_what_it_has() -> None:
    assert plain("Café Zürich – „Straße“ 京") == 'Cafe Zurich - ?Strasse" ?'
