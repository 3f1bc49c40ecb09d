"""The report on what customers say: mentions, complaints, ratings, sentiment, topics, incidents."""

from __future__ import annotations

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from monitor.charts import BarsByName, Chart, MeanLine, NamedBar, Series, StackedBars
from monitor.models import Brand, Incident
from monitor.reports.cells import Sum
from monitor.reports.measures import HEARD_PARTS, MEASURES
from monitor.reports.reading import Reader
from monitor.reports.report import Asked, Behind, Cell, Column, Figure, Line, Section, Table, named
from monitor.reports.scope import Scope
from monitor.reports.steps import steps_of, within

TOPICS = 12
MOST_INCIDENTS = 50
RATING = "the mean of the ratings on a scale of 1 to 5"
NOT_TOLD_APART = (
    "What customers say belongs to nobody who answers and to no policy. "
    "Show everything, or only one source, brand, location, topic or language."
)
MENTIONS = f"{MEASURES['mentions'].counted}; our own replies are left out"
COMPLAINTS = f"{MEASURES['mentions'].met}; the last word of a person counts"
SHARE = "complaints ÷ mentions"
SENTIMENT = "the mean of the judged sentiment, from -1 (dark) to 1 (bright); spam is left out"


def voice(session: Session, reader: Reader, before: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return what was said in this time, beside the period of the same length before it."""
    if asked.scope.part not in HEARD_PARTS:
        return (Section("voice", "What customers say", empty=NOT_TOLD_APART),)
    mentions = reader.sum("mentions", asked.scope)
    if not mentions.counted:
        return (
            Section(
                "voice",
                "What customers say",
                empty="Nothing was heard in this time; try a longer one.",
            ),
        )
    return (
        Section(
            "voice",
            "What customers say",
            figures=_figures(reader, before, asked, mentions),
            charts=(
                _said(reader, asked),
                _means(reader, asked, "rating", "stars from 1 to 5", 1, 5),
                _means(reader, asked, "sentiment", "from -1 (dark) to 1 (bright)", -1, 1),
            ),
            tables=(_by_time(reader, asked),),
            note="A mention counts on the day it was heard, or written where it is history.",
        ),
        *_topics(reader, before, asked),
        *_incidents(session, asked),
    )


def _figures(reader: Reader, before: Reader, asked: Asked, mentions: Sum) -> tuple[Figure, ...]:
    earlier = before.sum("mentions", asked.scope)
    rating, sentiment = (reader.sum(each, asked.scope) for each in ("rating", "sentiment"))
    share = mentions.met / mentions.counted
    all_of, complaints = asked.within("mentions"), asked.within("mentions", "met")
    then = asked.within("mentions", period=before.period)
    bad_then = asked.within("mentions", "met", period=before.period)
    n, rated, judged = mentions.counted, rating.counted, sentiment.counted
    of_ratings, of_judged = asked.within("rating"), asked.within("sentiment")
    said = _before(before)
    return (
        Figure("mentions", "Mentions", n, "number", MENTIONS, behind=all_of),
        Figure("mentions_before", "Mentions before", earlier.counted, "number", said, behind=then),
        Figure("complaints", "Complaints", mentions.met, "number", COMPLAINTS, behind=complaints),
        Figure(
            "complaints_before",
            "Complaints before",
            earlier.met,
            "number",
            said,
            behind=bad_then,
        ),
        Figure("complaint_share", "Complaints of all", share, "share", SHARE, n, all_of),
        Figure("rating", "Rating", mean(rating), "stars", RATING, rated, of_ratings),
        Figure("sentiment", "Sentiment", mean(sentiment), "number", SENTIMENT, judged, of_judged),
    )


def mean(told: Sum) -> float | None:
    """Return the mean of hundredths."""
    count = sum(map(len, told.times))
    return round(told.total / count / 100, 2) if count else None


def _before(before: Reader) -> str:
    return f"from {before.period.first} to {before.period.last}"


def _said(reader: Reader, asked: Asked) -> StackedBars:
    steps, begins = steps_of(asked.period, asked.grain)
    found = dict(reader.sums("mentions", asked.grain, asked.scope))
    told = [found.get(begin) for begin in begins]
    complaints = [each.met if each else None for each in told]
    others = [each.counted - each.met if each else None for each in told]
    return StackedBars(
        title="Mentions and complaints",
        unit=f"by {asked.grain}",
        periods=steps,
        series=(
            Series("Complaints", "bad", tuple(complaints)),
            Series("Other mentions", "open", tuple(others)),
        ),
        n=sum(each.counted for each in found.values()),
    )


def _means(reader: Reader, asked: Asked, measure: str, unit: str, low: float, high: float) -> Chart:
    """Return the means over time of what the figures tell the mean of the whole period."""
    steps, begins = steps_of(asked.period, asked.grain)
    found = dict(reader.sums(measure, asked.grain, asked.scope))
    told = [found.get(begin) for begin in begins]
    values = tuple(mean(each) if each else None for each in told)
    known = [value for value in values if value is not None]
    counts = tuple(sum(map(len, each.times)) if each else 0 for each in told)
    return MeanLine(
        title=MEASURES[measure].name,
        unit=f"{unit}, the mean by {asked.grain}",
        periods=steps,
        name="Mean",
        values=values,
        # Platforms may tell stars outside the usual scale; the chart then grows with them.
        low=min([low, *known]),
        high=max([high, *known]),
        counts=counts,
        n=sum(counts),
    )


def _by_time(reader: Reader, asked: Asked) -> Table:
    mentions, ratings, sentiments = (
        dict(reader.sums(measure, asked.grain, asked.scope))
        for measure in ("mentions", "rating", "sentiment")
    )
    steps, begins = steps_of(asked.period, asked.grain)
    lines = []
    for step, begin in reversed(list(zip(steps, begins, strict=True))):
        if begin not in mentions:
            continue
        counted, met = mentions[begin].counted, mentions[begin].met
        part = within(begin, asked.grain, asked.period)
        all_of, complaints = (
            asked.within("mentions", verdict, period=part) for verdict in ("", "met")
        )
        lines.append(
            Line(
                step.name,
                (
                    Cell(counted, all_of),
                    Cell(met, complaints),
                    Cell(met / counted, n=counted),
                    _mean(ratings.get(begin)),
                    _mean(sentiments.get(begin)),
                ),
            )
        )
    columns = (
        Column("mentions", "Mentions", "number", MENTIONS),
        Column("complaints", "Complaints", "number", COMPLAINTS),
        Column("share", "Complaints of all", "share", SHARE),
        Column("rating", "Rating", "stars", RATING),
        Column("sentiment", "Sentiment", "number", SENTIMENT),
    )
    title = f"By {asked.grain}"
    return Table("by_time", title, asked.grain.title(), columns, tuple(lines))


def _mean(told: Sum | None) -> Cell:
    return Cell(mean(told), n=told.counted) if told else Cell(None, n=0)


def _topics(reader: Reader, before: Reader, asked: Asked) -> tuple[Section, ...]:
    """Return what complaints are about, beside what they were about before."""
    if asked.scope.part != "all":
        return ()
    now = {value: told.met for value, told in reader.counts("mentions", "topic")}
    then = {value: told.met for value, told in before.counts("mentions", "topic")}
    topics = sorted({*now, *then} - {""}, key=lambda t: (-now.get(t, 0), -then.get(t, 0), t))
    if not topics:
        return ()

    def earlier(topic: str) -> Behind:
        return asked.within("mentions", "met", scope=_of(topic), period=before.period)

    lines = tuple(
        Line(
            named("topic", topic),
            (
                Cell(now.get(topic, 0), asked.within("mentions", "met", scope=_of(topic))),
                Cell(then.get(topic, 0), earlier(topic)),
                Cell(now.get(topic, 0) - then.get(topic, 0)),
            ),
            only=f"topic:{topic}",
        )
        for topic in topics
    )
    columns = (
        Column("now", "Complaints", "number", COMPLAINTS),
        Column("before", "Before", "number", _before(before)),
        Column("change", "Change", "number", "complaints now less those before"),
    )
    chart = BarsByName(
        title="What complaints are about",
        unit="complaints; one of two topics counts under both",
        rows=tuple(NamedBar(each, now.get(each, 0)) for each in topics[:TOPICS]),
        n=sum(now.values()),
    )
    table = Table("topics", "Topics rising and falling", "Topic", columns, lines)
    return (Section("topics", "Topics", charts=(chart,), tables=(table,)),)


def _of(topic: str) -> Scope:
    return Scope("topic", (topic,), by="topic", label=topic)


def _incidents(session: Session, asked: Asked) -> tuple[Section, ...]:
    """Return the incidents that were going on in this time: bursts of one complaint.

    They are of a brand and a topic; for a part of anything else there are none to tell.
    """
    scope = asked.scope
    if scope.part not in ("all", "brand", "topic"):
        return ()
    value = {"all": literal(""), "brand": Brand.key, "topic": Incident.topic}[scope.part]
    meant = value.in_(scope.values)
    found = session.scalars(
        select(Incident)
        .join(Brand, Brand.id == Incident.brand_id)
        .where(Incident.began_at < asked.period.end, Incident.last_at >= asked.period.begin)
        .where(~meant if scope.others else meant)
        .order_by(Incident.size.desc(), Incident.id)
        .limit(MOST_INCIDENTS)
    ).all()
    if not found:
        return (Section("incidents", "Incidents", empty="No burst of one complaint in this time."),)
    zone = asked.period.zone
    lines = tuple(
        Line(
            each.title or each.topic or f"incident {each.id}",
            (
                Cell(each.size),
                Cell(f"{each.began_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"),
                Cell("over" if each.ended_at else "going on"),
            ),
            path=f"/incidents/I-{each.id}",
        )
        for each in found
    )
    columns = (
        Column("size", "Mentions", "number", "mentions of this one cause so far"),
        Column("began", "Began", "text"),
        Column("state", "State", "text"),
    )
    table = Table("incidents", "Incidents, the largest first", "Incident", columns, lines)
    return (Section("incidents", "Incidents", tables=(table,)),)
