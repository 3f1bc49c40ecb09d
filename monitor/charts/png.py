"""Paints a chart as PNG, for Slack and mail: on its own ground, its letters large enough for a
telephone, where 1,080 pixels are shown on a hand's breadth.

It needs Pillow (the extra ``charts``); Pillow's own font knows the letters of ASCII.
"""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any

from monitor.charts.definitions import Chart, Sparkline
from monitor.charts.layout import lay_out
from monitor.charts.palette import EDGE, FILLS, GROUND, INK, LETTERS, SOFT, STROKES
from monitor.charts.shapes import PAGE, PICTURE, Anchor, Area, Box, Key, Line, Words

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH = 1080
SIDE, HEAD, FOOT = 40, 168, 44
TITLE, UNDER, LEGEND, ROUND = 46, 32, 32, 28
OVERSAMPLING = 2
"""Drawn larger and made smaller, because Pillow does not smooth what it draws."""

ANCHORS: dict[Anchor, str] = {"start": "ls", "middle": "ms", "end": "rs"}
LIKE = str.maketrans({"–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"',
                      "·": "-", "×": "x", "ß": "ss", "\u00a0": " "})  # fmt: skip


class ChartsMissing(Exception):
    """Pillow is not installed."""


def paint_png(chart: Chart) -> bytes:
    """Return the chart as PNG, 1,080 pixels wide; raise `ChartsMissing`."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ChartsMissing("charts need the extra rapport-monitor[charts]") from error
    drawing = lay_out(chart, PICTURE)
    bare = isinstance(chart, Sparkline)
    pen = _Pen()
    rows = _rows(pen, drawing.keys)
    height = round(HEAD + drawing.height + len(rows) * LEGEND * 1.5 + FOOT)
    image = Image.new("RGBA", (WIDTH * OVERSAMPLING, height * OVERSAMPLING), (0, 0, 0, 0))
    pen.begin(image)
    pen.sheet(WIDTH, height)
    pen.words(SIDE, 78, _fit(pen, chart.title, TITLE), TITLE, INK, bold=True)
    under = f"{(chart.note or chart.unit).rstrip('.')}, n = {chart.n:,}"
    pen.words(SIDE, 126, _fit(pen, under, UNDER), UNDER, SOFT)
    left, right = SIDE + drawing.left, WIDTH - SIDE - drawing.right
    for shape in drawing.shapes:
        _paint(pen, shape, left, right - left, HEAD)
    for words in drawing.words:
        if words.where == "tight":
            continue
        _write(pen, words, left, right - left, HEAD)
    if not bare:
        _paint_keys(pen, rows, HEAD + drawing.height + LEGEND * 1.3)
    small = image.resize((WIDTH, height), Image.Resampling.BOX)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Pen:
    """Draws in the picture's own pixels."""

    def __init__(self) -> None:
        self._draw: Any = None
        self._fonts: dict[float, FreeTypeFont] = {}

    def begin(self, image: Any) -> None:
        """Draw on this picture from now on."""
        from PIL import ImageDraw

        self._draw = ImageDraw.Draw(image)

    def sheet(self, width: float, height: float) -> None:
        """Lay the ground, its corners round, so that it stands well on light and dark."""
        place = [each * OVERSAMPLING for each in (2, 2, width - 2, height - 2)]
        self._draw.rounded_rectangle(
            place, ROUND * OVERSAMPLING, fill=GROUND, outline=EDGE, width=2 * OVERSAMPLING
        )

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """Fill a box; what is thinner than a pixel is drawn as one."""
        place = [round(each * OVERSAMPLING) for each in (left, top, right, bottom)]
        place[2] = max(place[0], place[2] - 1)
        place[3] = max(place[1], place[3] - 1)
        self._draw.rectangle(place, fill=colour)

    def area(self, points: list[tuple[float, float]], colour: str) -> None:
        """Fill an area."""
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=colour)

    def line(self, points: list[tuple[float, float]], colour: str, width: float) -> None:
        """Draw a line, its ends and corners round; one point is a dot."""
        wide = max(1, round(width * OVERSAMPLING))
        places = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]
        if len(places) > 1:
            self._draw.line(places, fill=colour, width=wide, joint="curve")
            return
        half = max(wide, 6 * OVERSAMPLING) / 2
        for x, y in places:
            self._draw.ellipse([x - half, y - half, x + half, y + half], fill=colour)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        points: float,
        colour: str,
        *,
        anchor: Anchor = "start",
        bold: bool = False,
    ) -> None:
        """Write a line whose base line is at `y`."""
        place = (x * OVERSAMPLING, y * OVERSAMPLING)
        font, how = self._font(points), ANCHORS[anchor]
        self._draw.text(
            place, text, fill=colour, font=font, anchor=how,
            stroke_width=OVERSAMPLING if bold else 0, stroke_fill=colour if bold else None,
        )  # fmt: skip

    def length(self, text: str, points: float) -> float:
        """Return how wide a line is."""
        return float(self._font(points).getlength(text)) / OVERSAMPLING

    def _font(self, points: float) -> FreeTypeFont:
        from PIL import ImageFont

        if points not in self._fonts:
            loaded = ImageFont.load_default(points * OVERSAMPLING)
            assert isinstance(loaded, ImageFont.FreeTypeFont), "Pillow's wheels hold FreeType"
            self._fonts[points] = loaded
        return self._fonts[points]


def _paint(pen: _Pen, shape: Box | Line | Area, left: float, width: float, top: float) -> None:
    if isinstance(shape, Box):
        pen.box(
            left + shape.left * width,
            top + shape.top,
            left + shape.right * width,
            top + shape.bottom,
            FILLS[shape.role],
        )
        return
    points = [(left + across * width, top + down) for across, down in shape.points]
    if isinstance(shape, Area):
        pen.area(points, FILLS[shape.role])
        return
    colour, wide = STROKES[shape.role]
    pen.line(points, colour, wide * PICTURE.letter / PAGE.letter)


def _write(pen: _Pen, words: Words, left: float, width: float, top: float) -> None:
    pen.words(
        left + words.across * width + words.aside,
        top + words.down,
        plain(words.text),
        PICTURE.letter * (1.5 if words.role == "empty" else 1),
        LETTERS.get(words.role, SOFT),
        anchor=words.anchor,
        bold=words.role in ("newest", "middle"),
    )


def _rows(pen: _Pen, keys: tuple[Key, ...]) -> list[list[Key]]:
    """Return the entries of the legend, as many in a row as fit."""
    rows: list[list[Key]] = []
    used = 0.0
    for key in keys:
        needs = _needs(pen, key)
        if not rows or used + needs > WIDTH - 2 * SIDE:
            rows.append([])
            used = 0.0
        rows[-1].append(key)
        used += needs
    return rows


def _needs(pen: _Pen, key: Key) -> float:
    return 80 + pen.length(_named(key), LEGEND)


def _named(key: Key) -> str:
    return plain(f"{key.name} {key.value}".strip())


def _paint_keys(pen: _Pen, rows: list[list[Key]], y: float) -> None:
    for row in rows:
        x = float(SIDE)
        for key in row:
            if key.role == "part":
                for stripe in range(4):
                    pen.box(x, y - 24 + stripe * 8, x + 28, y - 20 + stripe * 8, FILLS["middling"])
            elif key.role == "hollow":
                for role in ("ring", "hollow"):
                    pen.line([(x + 14, y - 10)], STROKES[role][0], STROKES[role][1] * 2.3)
            elif key.role in STROKES:
                colour, wide = STROKES[key.role]
                pen.line([(x, y - 10), (x + 28, y - 10)], colour, wide * 2.3)
            else:
                pen.box(x, y - 24, x + 28, y + 4, FILLS[key.role])
            pen.words(x + 40, y, _named(key), LEGEND, INK)
            x += _needs(pen, key)
        y += LEGEND * 1.5


def _fit(pen: _Pen, text: str, points: float) -> str:
    """Shorten a line to the sheet's width."""
    told = plain(text)
    while pen.length(told, points) > WIDTH - 2 * SIDE and len(told) > 4:
        told = told.removesuffix("...")[:-1].rstrip() + "..."
    return told


def plain(text: str) -> str:
    """Return a text in ASCII, which the font knows: accents go, other letters become ``?``."""
    apart = unicodedata.normalize("NFKD", text.translate(LIKE))
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return bare.encode("ascii", "replace").decode("ascii")
