"""Puts a number of a report into words, linked to what stands behind it.

A page shows hundreds of them, and a template's macro is slow.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from monitor.reports.report import Cell, Figure, Kind, Value
from monitor.web.outside import clean
from monitor.web.words import duration


def tell(each: Cell | Figure, kind: Kind, link: Markup) -> Markup:
    """Return a value in its kind, marked where few stand behind it; `link` may be empty."""
    told = escape(_in_words(each.value, kind))
    if link:
        told = Markup(f'<a href="{link}">{told}</a>')  # noqa: S704  both escaped
    if each.small:
        few = f"only {each.n} stand behind it"
        told += Markup(f'<abbr role="img" title="{few}" aria-label="{few}">*</abbr>')  # noqa: S704  a number
    return told


def _share(value: float) -> str:
    """Return a share in percent: never all of them where it is only nearly all."""
    told = f"{value * 100:.3g} %"
    return "> 99.9 %" if told == "100 %" and value < 1 else told


def _in_words(value: Value, kind: Kind) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return clean(value)
    if kind == "share":
        return _share(value)
    if kind == "seconds":
        return duration(value)
    if kind == "stars" or isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}"
