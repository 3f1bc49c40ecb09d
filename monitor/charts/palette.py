"""The colours of roles where there is no style sheet: on a white ground.

Okabe and Ito's colours, which people with any kind of colour vision tell apart, and greys.
`charts.css` gives the same to pages, with others for a dark ground.
"""

from __future__ import annotations

GROUND, EDGE, INK, SOFT = "#ffffff", "#c6ced3", "#1b2328", "#55626a"

FILLS = {
    "met": "#009e73",
    "missed": "#d55e00",
    "overdue": "#cc79a7",
    "open": "#56b4e9",
    "good": "#0072b2",
    "middling": "#8b9ea9",
    "bad": "#d55e00",
    "one": "#0072b2",
    "two": "#e69f00",
    "three": "#009e73",
    "four": "#cc79a7",
    "five": "#56b4e9",
    "six": "#d55e00",
    "band": "#d5e6f2",
    "track": "#eef1f3",
    "gap": "#e3e7ea",
    "part": GROUND,
    "load-0": "#f0f3f5",
    "load-1": "#c9dfef",
    "load-2": "#92c1e1",
    "load-3": "#529fcf",
    "load-4": "#0072b2",
    "load-5": "#004a78",
}
"""What fills boxes and areas."""

STROKES = {
    "grid": ("#dce1e4", 1.0),
    "axis": ("#1b2328", 1.5),
    "middle": ("#0072b2", 2.5),
    "upper": ("#56b4e9", 1.5),
    "target": ("#d55e00", 1.5),
    "staffed": ("#d55e00", 2.5),
    "spark": ("#0072b2", 1.5),
    "tip": ("#0072b2", 5.0),
    "ring": ("#0072b2", 9.0),
    "hollow": (GROUND, 5.0),
}
"""Colour and width, in pixels of a page, of lines."""

LETTERS = {
    "newest": INK,
    "value": INK,
    "row": INK,
    "middle": "#005a8c",
    "upper": SOFT,
    "target": "#a84a00",
}
"""Colours of words that are not soft."""
