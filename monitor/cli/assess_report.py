"""``rapport assess report``: whether the judgement can be believed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.say import WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.judging.calibration import Calibration
    from monitor.judging.missed import Estimate, Missed
    from monitor.judging.report import Kind, Learned, Report

KEY_WIDTH = 28
MODEL_WIDTH = 60


@click.command()
@click.option("--since", default="30d", show_default=True, help="How far back: 24h, 7d, 4w.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.pass_context
def report(ctx: click.Context, since: str, as_json: bool) -> None:
    """Show how well is judged: complaints, doubts, precision, misses, calibration, drift.

    Mentions count from when they were first seen. Precision is the share of decided cases that
    staff did not dismiss. How many complaints are missed is estimated from the mentions drawn at
    random each week; answer those, or nothing can be told.

    \b
    Examples:
      rapport assess report
      rapport assess report --since 12w --json
    """
    from monitor.config.durations import parse_duration
    from monitor.judging.report import assess_report

    try:
        back = parse_duration(since)
    except ValueError as error:
        fail(f"--since {since!r}: {error}", WRONG)
    with open_app(ctx) as app, app.database.read() as session:
        now = app.clock()
        made = assess_report(session, now, now - back)
        model = app.assessor.version
    if as_json:
        say_json({"model": model, **_plain(made)})
        return
    _draw(made, model)


def _plain(made: Report) -> dict[str, object]:
    """Return the report as JSON takes it, with what is computed beside what is read."""
    return {
        **asdict(made),
        "kinds": [
            {**asdict(each), "precision": each.precision, "few": each.few} for each in made.kinds
        ],
        "sources": [
            {
                "source": each.source,
                "judged": each.judged,
                "share": each.share,
                "alarm_since": each.alarm_since,
                "drift": each.drift.state,
                "change": each.drift.change._asdict() if each.drift.change else None,
            }
            for each in made.sources
        ],
    }


def _draw(made: Report, model: str) -> None:
    say(f"Mentions first seen {moment(made.since)} to {moment(made.until)}")
    say()
    if made.kinds:
        table(
            (
                "source",
                "kind",
                "texts",
                "complaints",
                "unsure",
                "cases",
                "dismissed",
                "precision",
            ),
            map(_kind, made.kinds),
        )
        if any(each.few and each.precision is not None for each in made.kinds):
            say("* fewer than 20 decided cases")
    else:
        say("no mention was first seen in this time")
    say()
    if made.sources:
        table(("source", "judged", "share learned", "drift"), map(_source, made.sources))
        for each in made.sources:
            if each.alarm_since is not None and each.drift.change is not None:
                say(f"{each.source}, alarm since {moment(each.alarm_since)}:")
                say(f"  {each.drift.change.words}")
    else:
        say("no source yet")
    say()
    if made.models:
        table(
            ("model", "texts", "last used"),
            (
                (_cut(each.model, MODEL_WIDTH), str(each.texts), moment(each.last_at))
                for each in made.models
            ),
        )
    say(f"judging now: {model}")
    if made.layer is None:
        say("learned here: nothing in use")
    else:
        say(
            f"learned here: layer {made.layer.id} on {made.layer.base_model}, made "
            f"{moment(made.layer.made_at)} by {made.layer.made_by}"
        )
    say()
    _draw_missed(made.missed)
    say()
    _draw_calibration(made.calibration, made.labels)
    if any(each.model != model for each in made.models):
        say_next("rapport assess again")
    else:
        say_next("rapport queue")


def _kind(each: Kind) -> tuple[str, ...]:
    precision = "-" if each.precision is None else f"{each.precision:.0%}" + "*" * each.few
    counts = (each.texts, each.complaints, each.unsure, each.cases, each.dismissed)
    return _cut(each.source), _cut(each.kind, 10), *map(str, counts), precision


def _source(each: Learned) -> tuple[str, ...]:
    share = f"after {each.missing} more" if each.share is None else f"{each.share:.1%}"
    return _cut(each.source), str(each.judged), share, each.drift.state


def _draw_missed(missed: Missed) -> None:
    if not missed.drawn:
        say("Missed complaints: no mention was drawn for a second look in this time")
        return
    say(
        f"Missed complaints: of {missed.drawn} mentions drawn at random {missed.answered} were "
        f"looked at, {missed.complaints} of them complaints"
    )
    if missed.share is None:
        say("  too few answers to tell more")
        return
    say(f"  {_shown(missed.share, '.1%')} of what passes as no complaint (90 % interval)")
    if missed.per_week is not None:
        say(f"  {_shown(missed.per_week, '.0f')} a week")
    if missed.recall is not None:
        say(f"  recall, the share of all complaints that is found: {_shown(missed.recall, '.0%')}")


def _shown(each: Estimate, how: str) -> str:
    return f"{each.value:{how}} ({each.low:{how}} to {each.high:{how}})"


def _draw_calibration(calibration: Calibration | None, labels: int) -> None:
    if calibration is None:
        say(f"Calibration: {labels} texts with a person's word are too few, it takes 50")
        return
    say(
        f"Calibration on {calibration.texts} texts with a person's word: expected error "
        f"{calibration.error:.3f}"
    )
    table(
        ("probability", "texts", "judged", "complaints"),
        (
            (
                f"{each.low:.1f} to {each.high:.1f}",
                str(each.texts),
                f"{each.probability:.2f}",
                f"{each.complaints:.2f}",
            )
            for each in calibration.bins
        ),
    )


def _cut(text: str, width: int = KEY_WIDTH) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
