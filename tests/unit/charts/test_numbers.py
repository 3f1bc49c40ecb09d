from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.charts import NamedBar, Series, as_table, describe
from monitor.charts.definitions import Form
from monitor.charts.layout import lay_out
from monitor.charts.numbers import MARKS, marks, tell, tell_short
from monitor.charts.shapes import PAGE
from tests.unit.charts.examples import bars, heat, line, means, names, spark


@pytest.mark.parametrize(
    ("value", "form", "told", "short"),
    [
        (0, "number", "0", "0"),
        (999, "number", "999", "999"),
        (1_240, "number", "1,240", "1.2k"),
        (999_999, "number", "999,999", "1M"),
        (4.25, "number", "4.2", "4.2"),
        (0, "seconds", "0 s", "0"),
        (59.6, "seconds", "1 min", "1 min"),
        (3_600, "seconds", "1 h", "1 h"),
        (11_100, "seconds", "3 h 05 min", "3 h 05 min"),
        (90_000, "seconds", "1 d 1 h", "1 d 1 h"),
        (0.5, "share", "50 %", "50 %"),
        (0.987, "share", "98.7 %", "99 %"),
    ],
)
def test_values_are_told_as_people_read_them(
    value: float, form: Form, told: str, short: str
) -> None:
    assert tell(value, form) == told
    assert tell_short(value, form) == short


@given(
    st.floats(min_value=1e-6, max_value=1e9),
    st.sampled_from(["number", "seconds", "share"]),
)
def test_a_scale_begins_at_zero_reaches_the_highest_and_has_few_even_marks(
    highest: float, form: Form
) -> None:
    found = marks(highest, form)

    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-6)
    assert 2 <= len(found) <= MARKS + 1
    steps = [after - before for before, after in itertools.pairwise(found)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_what_no_axis_from_zero_can_show_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="'late' holds"):
        Series("late", "missed", (1, value))


def test_series_and_periods_must_agree() -> None:
    with pytest.raises(ValueError, match="'x' has 2 values for 3 periods"):
        bars(3, series=(Series("x", "met", (1, 2)),))


def test_the_table_holds_every_value_and_the_sum() -> None:
    chart = bars(
        2,
        series=(Series("in time", "met", (1, None)), Series("late", "missed", (2, None))),
        links=("/a", "/b"),
    )
    table = as_table(chart)

    assert table.columns == ("Period", "in time", "late", "all")
    assert table.rows == (
        ("Mon 2 Mar 2026", "1", "2", "3"),
        ("Tue 3 Mar 2026", "–", "–", "–"),
    )
    assert table.links == ("/a", "/b")


@pytest.mark.parametrize("value", [0.9, 5.1, float("nan")])
def test_a_mean_outside_its_scale_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="'Rating' holds"):
        means(3.0, value)


def test_tables_of_the_other_kinds() -> None:
    assert as_table(means(4.25, None)).rows == (
        ("Mon 2 Mar 2026", "4.25", "3"),
        ("Tue 3 Mar 2026", "–", "0"),
    )
    assert as_table(line((60.0,))).rows == (("Mon 2 Mar 2026", "1 min", "2 min", "7"),)
    assert as_table(names(NamedBar("staff", 0.5, n=4), form="share")).rows == (
        ("staff", "50 %", "4"),
    )
    assert as_table(heat(5)).rows[20] == ("20:00", *["5"] * 7)
    assert as_table(heat(5)).rows[9][1] == "1 (staffed)"
    assert as_table(spark(3, None)).rows[1] == ("Tue 3 Mar 2026", "–")


def test_a_description_tells_the_sum_the_highest_and_the_newest() -> None:
    chart = bars(
        3, series=(Series("in time", "met", (1, 6, 2)), Series("late", "missed", (0, 1, 0)))
    )

    assert describe(chart) == (
        "Complaints by day. Bars over 3 periods. In all 10 complaints: 9 in time, 1 late. "
        "The most, 7, in Tue 3 Mar 2026; the newest, Wed 4 Mar 2026, 2. n = 99."
    )


def test_descriptions_of_the_other_kinds() -> None:
    assert describe(means(3.0, 4.25, 4.5)) == (
        "Rating. Line over 3 periods, from 1 to 5. "
        "Mean: 4.50 in Wed 4 Mar 2026, between 3.00 and 4.25 before. n = 12."
    )
    assert "Median: 1 min in Tue 3 Mar 2026" in describe(line((30.0, 60.0), target=120.0))
    assert "target is 2 min" in describe(line((30.0, 60.0), target=120.0))
    assert "delivery 4; staff 2" in describe(names(NamedBar("delivery", 4), NamedBar("staff", 2)))
    assert "5 complaints, on Mon from 20:00" in describe(heat(5))
    # 7 days: 8 staffed hours of 1, 15 others of 1, and one of 5 in the evening.
    assert "Outside the staffed hours came 71 %" in describe(heat(5))
    assert "all empty" in describe(bars(2, series=(Series("x", "met", (0, None)),)))


def test_what_was_before_leaves_the_newest_out() -> None:
    told = describe(line((60.0, 180.0, 600.0), (120.0, 120.0, 900.0)))
    assert "Median: 10 min in Wed 4 Mar 2026, between 1 min and 3 min before." in told
    assert "P90: 15 min in Wed 4 Mar 2026, 2 min before." in told
    assert "before" not in describe(line((None, 60.0)))


def test_the_legend_of_bars_is_exact() -> None:
    chart = bars(2, series=(Series("met", "met", (1_000, 275)), Series("late", "missed", (1, 2))))
    assert [key.value for key in lay_out(chart, PAGE).keys] == ["1,275", "3"]


def test_the_legend_of_a_line_tells_no_value_that_could_pass_for_that_of_the_period() -> None:
    keys = lay_out(line((60.0, 90.0), target=300.0), PAGE).keys
    assert [(key.name, key.value) for key in keys] == [
        ("median", ""),
        ("up to p90", ""),
        ("target", "5 min"),
    ]


@pytest.mark.parametrize(
    ("highest", "told"),
    [
        (12, ["none", "up to 3", "3 to 6", "6 to 9", "9 to 12"]),
        (1.5, ["none", "up to 0.3", "0.3 to 0.6", "0.6 to 0.9", "0.9 to 1.2", "1.2 to 1.5"]),
        (7.4, ["none", "up to 1.5", "1.5 to 3", "3 to 4.5", "4.5 to 6", "6 to 7.5"]),
        (2, ["none", "up to 1", "1 to 2"]),
        (0, ["no complaints"]),
    ],
)
def test_the_legend_of_a_load_tells_every_shade_in_round_steps(
    highest: float, told: list[str]
) -> None:
    drawn = lay_out(replace(heat(), load=((highest,) + (0,) * 23,) * 7), PAGE)
    assert [key.name for key in drawn.keys[:-1]] == told
    shades = {each.role for each in drawn.shapes if each.role.startswith("load-")}
    assert shades == ({"load-0", drawn.keys[-2].role} if highest else {"load-0"})


def test_a_cell_of_a_load_is_told_in_a_sentence_that_can_be_read() -> None:
    hovers = [each.text for each in lay_out(heat(), PAGE).hovers]
    assert "Mon 20:00: 2 complaints, nobody there" in hovers
    assert "Mon 09:00: 1 complaints, staffed" in hovers


def test_a_description_is_never_longer_than_slack_takes() -> None:
    rows = [NamedBar("a topic of many letters" * 9, each) for each in range(9)]
    assert len(describe(names(*rows))) <= 500
