"""Draws the picture of a digest: complaints by day or week, and what became of them. Pure.

It brings its own ground, so that it reads the same in a light and a dark Slack, and its letters are
large enough for a telephone, where 1,080 pixels are shown on a hand's breadth. It needs Pillow (the
extra ``charts``); Pillow's own font knows the letters of ASCII, and no other stands in the picture.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from responders.digest.facts import Bar, Digest

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1080, 720
LEFT, RIGHT, TOP, BOTTOM = 84, 36, 176, 150
"""How far the bars are from the edges."""

SHEET, INK, SOFT, LINE = "#ffffff", "#1b2328", "#55626a", "#dce1e4"
EDGE = "#c6ced3"
OVERSAMPLING = 2
"""Drawn larger and made smaller, because Pillow does not smooth the corners it draws."""


class Part(NamedTuple):
    """One colour of the bars: the web queue's, which the colour-blind tell apart."""

    name: str
    field: str
    colour: str


PARTS = (
    Part("in time", "met", "#009e73"),
    Part("late", "missed", "#d55e00"),
    Part("overdue", "overdue", "#a8231a"),
    Part("open", "in_time", "#9fb2bd"),
)


class ChartsMissing(Exception):
    """Pillow is not installed."""


def draw_chart(digest: Digest) -> bytes:
    """Return the picture as PNG; raise `ChartsMissing`."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise ChartsMissing("charts need the extra rapport-monitor[charts]") from error
    size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    fonts: dict[int, FreeTypeFont] = {}

    def font(points: int) -> FreeTypeFont:
        if points not in fonts:
            loaded = ImageFont.load_default(points * OVERSAMPLING)
            assert isinstance(loaded, ImageFont.FreeTypeFont), "Pillow's wheels hold FreeType"
            fonts[points] = loaded
        return fonts[points]

    pen = _Pen(ImageDraw.Draw(image), font)
    pen.box(2, 2, WIDTH - 2, HEIGHT - 2, fill=SHEET, radius=28, outline=EDGE)
    _draw_title(pen, digest)
    _draw_bars(pen, digest.bars, weekly=digest.kind == "weekly")
    _draw_legend(pen, digest.bars)
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def alt_text(digest: Digest) -> str:
    """Return what the picture says, for those who do not see it: at most 500 characters."""
    bars = digest.bars
    each = "week" if digest.kind == "weekly" else "day"
    total = sum(bar.total for bar in bars)
    if not total:
        return f"Bar chart of complaints by {each}: none in the last {len(bars)} {each}s."
    highest = max(bars, key=lambda bar: bar.total)
    parts = ", ".join(
        f"{number} {part.name}"
        for part in PARTS
        if (number := sum(getattr(bar, part.field) for bar in bars))
    )
    when = f"{'in the week of' if each == 'week' else 'on'} {highest.begins.day}"
    return (
        f"Bar chart of complaints by {each} over the last {len(bars)} {each}s: {total} in all, "
        f"{parts}. The most, {highest.total}, came {when} {highest.begins:%b %Y}; "
        f"in the latest {each}, {bars[-1].total}."
    )[:500]


class _Pen:
    """Draws in the picture's own units."""

    def __init__(self, draw: ImageDraw, font: object) -> None:
        self._draw = draw
        self._font = font

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        *,
        fill: str,
        radius: float = 0,
        outline: str = "",
        corners: tuple[bool, bool, bool, bool] = (True, True, True, True),
    ) -> None:
        """Draw a filled box, its corners rounded."""
        place = [each * OVERSAMPLING for each in (left, top, right, bottom)]
        self._draw.rounded_rectangle(
            place,
            radius * OVERSAMPLING,
            fill=fill,
            outline=outline or None,
            width=2 * OVERSAMPLING if outline else 0,
            corners=corners,
        )

    def line(self, left: float, right: float, y: float, colour: str, width: int = 2) -> None:
        """Draw a level line."""
        ends = [left * OVERSAMPLING, y * OVERSAMPLING, right * OVERSAMPLING, y * OVERSAMPLING]
        self._draw.line(ends, fill=colour, width=width * OVERSAMPLING)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        points: int,
        *,
        colour: str = INK,
        anchor: str = "ls",
        bold: bool = False,
    ) -> float:
        """Write a line; return its width. `anchor` is Pillow's: ``ls`` begins at the base line."""
        font = self._font(points)  # type: ignore[operator]  # a function of the size
        plain = text.encode("ascii", "replace").decode("ascii")
        self._draw.text(
            (x * OVERSAMPLING, y * OVERSAMPLING),
            plain,
            fill=colour,
            font=font,
            anchor=anchor,
            stroke_width=OVERSAMPLING if bold else 0,
            stroke_fill=colour if bold else None,
        )
        return float(font.getlength(plain)) / OVERSAMPLING


def _draw_title(pen: _Pen, digest: Digest) -> None:
    weekly = digest.kind == "weekly"
    until = digest.until.astimezone(ZoneInfo(digest.zone))
    ends = [bar.begins + timedelta(days=6 if weekly else 0) for bar in digest.bars[-1:]]
    last = min([*ends, until.date()])
    pen.text(40, 78, f"Complaints by {'week' if weekly else 'day'}", 46, bold=True)
    span = f"{len(digest.bars)} {'weeks' if weekly else 'days'}"
    told = f"{span} to {last:%a} {last.day} {last:%b %Y}, days in {until.tzname()}"
    pen.text(40, 126, told, 32, colour=SOFT)


def _draw_bars(pen: _Pen, bars: Sequence[Bar], *, weekly: bool) -> None:
    floor, ceiling = HEIGHT - BOTTOM, TOP + 24
    highest = max((bar.total for bar in bars), default=0)
    top = _round_up(highest)
    for step in range(3 if highest else 1):
        number = top * step // 2
        y = floor - (floor - ceiling) * step / 2
        if step == 1 and top % 2:
            continue  # half a complaint is no mark to read a bar by
        pen.line(LEFT, WIDTH - RIGHT, y, INK if step == 0 else LINE, 3 if step == 0 else 2)
        pen.text(LEFT - 14, y, _short(number), 28, colour=SOFT, anchor="rm")
    if not highest:
        middle = (LEFT + WIDTH - RIGHT) / 2
        pen.text(middle, (floor + ceiling) / 2, "No complaint", 44, colour=SOFT, anchor="mm")
    slot = (WIDTH - RIGHT - LEFT) / max(1, len(bars))
    for number, bar in enumerate(bars):
        middle = LEFT + slot * (number + 0.5)
        newest = number == len(bars) - 1
        height = (floor - ceiling) / max(1, top)
        _draw_bar(pen, bar, middle, slot * 0.36, floor, height)
        if bar.total:
            over = floor - height * bar.total - 12
            size = 32 if newest or len(bars) < 10 else 28
            pen.text(middle, over, _short(bar.total), size, anchor="ms", bold=newest)
        # Every second day is named, counted from the newest, so that no two names touch.
        if weekly or (len(bars) - 1 - number) % 2 == 0:
            name = (
                f"{bar.begins.day} {bar.begins:%b}"
                if weekly
                else f"{bar.begins:%a} {bar.begins.day}"
            )
            colour = INK if newest else SOFT
            pen.text(middle, floor + 40, name, 28, colour=colour, anchor="ms", bold=newest)


def _draw_bar(pen: _Pen, bar: Bar, middle: float, half: float, floor: float, height: float) -> None:
    y = floor - 2
    parts = [(part, getattr(bar, part.field)) for part in PARTS if getattr(bar, part.field)]
    for place, (part, number) in enumerate(parts):
        last = place == len(parts) - 1
        top = y - height * number
        # A gap between two colours is seen without colour too; one among thousands is still seen.
        shown = min(top + (0 if last else 3), y - 2)
        pen.box(
            middle - half,
            shown,
            middle + half,
            y,
            fill=part.colour,
            radius=min(8.0, half / 2, (y - shown) / 3) if last else 0,
            corners=(last, last, False, False),
        )
        y = min(top, shown)


def _draw_legend(pen: _Pen, bars: Sequence[Bar]) -> None:
    y = HEIGHT - 48
    x = 40.0
    for part in PARTS:
        number = sum(getattr(bar, part.field) for bar in bars)
        pen.box(x, y - 24, x + 28, y + 4, fill=part.colour, radius=6)
        x += 40 + pen.text(x + 40, y, f"{part.name} {_short(number)}", 32) + 40


def _short(number: int) -> str:
    """Return a number in four characters at most: ``999``, ``1.4k``, ``31k``."""
    if number < 1_000:
        return str(number)
    return f"{number / 1_000:.1f}k" if number < 9_950 else f"{round(number / 1_000)}k"


def _round_up(highest: int) -> int:
    """Return the number at the top of the scale: small, even where it can be, never below."""
    for step in (2, 4, 6, 8, 10, 14, 20, 30, 40, 60, 80, 100):
        if highest <= step:
            return step
    size = int(10 ** (len(str(highest)) - 1))
    return -(-highest // size) * size
