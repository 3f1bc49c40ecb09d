"""Charts that the tests draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from monitor.charts import (
    BarsByName,
    HeatMap,
    LineWithBand,
    MeanLine,
    NamedBar,
    Period,
    Series,
    Sparkline,
    StackedBars,
    day,
)

FIRST = date(2026, 3, 2)


def days(count: int) -> tuple[Period, ...]:
    return tuple(day(FIRST + timedelta(days=each)) for each in range(count))


def parts(count: int, *places: int) -> tuple[Period, ...]:
    return tuple(
        replace(each, name=f"{each.name} (so far)", part=True) if place in places else each
        for place, each in enumerate(days(count))
    )


def bars(count: int = 14, **kept: object) -> StackedBars:
    parts = (("in time", "met", 5), ("late", "missed", 3), ("overdue", "overdue", 2))
    given: dict[str, object] = {
        "title": "Complaints by day",
        "unit": "complaints",
        "periods": days(count),
        "series": tuple(
            Series(name, role, tuple((place * most) % (most * 3 + 1) for place in range(count)))  # type: ignore[arg-type]
            for name, role, most in parts
        ),
        "n": 99,
    }
    return StackedBars(**(given | kept))  # type: ignore[arg-type]


def line(
    middle: tuple[float | None, ...], upper: tuple[float | None, ...] | None = None, **kept: object
) -> LineWithBand:
    high = upper if upper is not None else tuple(v * 2 if v is not None else None for v in middle)
    given: dict[str, object] = {
        "title": "First response",
        "unit": "opening hours",
        "periods": days(len(middle)),
        "middle": Series("median", "one", middle),
        "upper": Series("p90", "two", high),
        "counts": tuple(7 for _ in middle),
        "n": 50,
    }
    return LineWithBand(**(given | kept))  # type: ignore[arg-type]


def means(*values: float | None, **kept: object) -> MeanLine:
    given: dict[str, object] = {
        "title": "Rating",
        "unit": "stars from 1 to 5",
        "periods": days(len(values)),
        "name": "Mean",
        "values": values,
        "low": 1,
        "high": 5,
        "counts": tuple(3 if value is not None else 0 for value in values),
        "n": 12,
    }
    return MeanLine(**(given | kept))  # type: ignore[arg-type]


def names(*rows: NamedBar, **kept: object) -> BarsByName:
    given: dict[str, object] = {"title": "By topic", "unit": "cases", "rows": rows, "n": 12}
    return BarsByName(**(given | kept))  # type: ignore[arg-type]


def heat(load: float | None = 2, staffed: tuple[int, int] = (9, 17)) -> HeatMap:
    return HeatMap(
        title="Load by hour",
        unit="complaints",
        load=tuple(tuple(load if hour == 20 else 1 for hour in range(24)) for _ in range(7)),
        staffed=tuple(
            tuple(float(staffed[0] <= hour < staffed[1]) for hour in range(24)) for _ in range(7)
        ),
        n=168,
    )


def spark(*values: float | None) -> Sparkline:
    return Sparkline("Rating", "stars", days(len(values)), Series("rating", "one", values), n=9)
