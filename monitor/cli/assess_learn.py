"""``rapport assess learn`` and ``rollback``: learning from staff, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.opening import me, open_app
from monitor.cli.say import CHANGED, FAILED, fail, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.assess.learning import Lesson
    from monitor.assess.topic_lessons import TopicLesson
    from monitor.judging.teaching import Learned

ORIGINS = {
    "case": "cases dismissed or opened by hand",
    "draft": "drafts approved or rejected",
    "look": "second looks",
    "topics": "topics set right",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be learned; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
@click.pass_context
def learn(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Learn from what staff said: dismissed cases, approved drafts, second looks, topics set right.

    What is learned lies on top of the shipped model. It is used only when it judges labels that it
    was not learned from better than what is in use; a worse one is stored as refused. A running
    daemon takes it up within a minute.

    \b
    Examples:
      rapport assess learn --dry-run
      rapport assess learn
    """
    from monitor.assess.learning import TooFewLabels
    from monitor.judging.teaching import LayerChanged

    with open_app(ctx) as app:
        try:
            learned = app.teacher.learn(str(me()), dry_run=dry_run)
        except TooFewLabels as error:
            fail(f"nothing learned: {error}; answer second looks, see `rapport looks`", FAILED)
        except LayerChanged as error:
            fail(f"{error}; see `rapport assess report`", CHANGED)
    if as_json:
        say_json(_plain(learned))
    else:
        _draw(learned)


@click.command()
@click.pass_context
def rollback(ctx: click.Context) -> None:
    """Take back what was learned last: the layer before judges again, or the shipped model alone.

    A running daemon follows within a minute. What was judged meanwhile stays as it is, until it is
    judged again.

    \b
    Examples:
      rapport assess rollback
    """
    from monitor.judging.teaching import LayerChanged, NothingInUse

    with open_app(ctx) as app:
        try:
            ended, former = app.teacher.rollback(str(me()))
        except NothingInUse as error:
            fail(str(error), FAILED)
        except LayerChanged as error:
            fail(f"{error}; see `rapport assess report`", CHANGED)
        app.assessor.refresh()
        version = app.assessor.version
    before = "the shipped model judges alone" if former is None else f"layer {former} judges again"
    say(f"layer {ended} is taken back: {before}, as {version}")
    say_next("rapport assess again")


def _plain(learned: Learned) -> dict[str, object]:
    lesson, topics = learned.lesson, learned.topics
    return {
        "layer": learned.layer_id,
        "better": learned.better,
        "objection": learned.objection,
        "measures": lesson.measures.as_json() if lesson else None,
        "origins": learned.lessons.origins,
        "left_out": learned.lessons.left_out,
        "moved": [
            {"word": word, "before": before, "after": after}
            for word, before, after in learned.moved()
        ],
        "topics": {**topics._asdict(), "better": topics.better} if topics else None,
    }


def _draw(learned: Learned) -> None:
    table(
        ("said at", "complaints", "others"),
        (
            (ORIGINS.get(origin, origin), str(counts["complaints"]), str(counts["others"]))
            for origin, counts in learned.lessons.origins.items()
        ),
    )
    if learned.lessons.left_out:
        say(
            f"{learned.lessons.left_out} left out: edited or deleted since, or their words are gone"
        )
    say()
    if learned.lesson is None:
        say(f"Of complaints nothing is learned: {learned.too_few}.")
    else:
        _draw_lesson(learned.lesson)
        _draw_words(learned)
    if learned.topics is not None:
        _draw_topics(learned.topics)
    _end(learned)


def _draw_lesson(lesson: Lesson) -> None:
    measures = lesson.measures
    say(f"On {measures.held_back} labels that were held back:")
    rows = (
        ("F1 at the threshold", measures.before.f1, measures.after.f1),
        ("calibration error", measures.before.calibration_error, measures.after.calibration_error),
        ("log loss", measures.before.log_loss, measures.after.log_loss),
        ("AUC", measures.before.auc, measures.after.auc),
    )
    table(("", "in use", "learned"), ((n, f"{a:.3f}", f"{b:.3f}") for n, a, b in rows))
    say()
    if lesson.objection:
        say(f"Not used for complaints: {lesson.objection}.")


def _draw_words(learned: Learned) -> None:
    layer = learned.layer
    say(f"The model's evidence counts {layer.scale:.2f} times, {layer.base:+.2f}.")
    moved = learned.moved()
    if not moved:
        say("No word of its own was learned.")
        return
    table(
        ("word", "was", "is", "says"),
        (
            (word, f"{was:+.2f}", f"{now:+.2f}", "complaint" if now > was else "no complaint")
            for word, was, now in moved
        ),
    )


def _draw_topics(lesson: TopicLesson) -> None:
    say()
    say(
        f"Topics were set right {lesson.texts} times; on {lesson.held_back} held back, their F1 is "
        f"{lesson.before:.3f} in use and {lesson.after:.3f} learned."
    )
    if lesson.topics:
        rows = ((topic, ", ".join(words)) for topic, words in lesson.topics.items())
        table(("topic", "words that stand for it"), rows)
    if lesson.objection:
        say(f"Not used for topics: {lesson.objection}.")


def _end(learned: Learned) -> None:
    say()
    if not learned.better:
        kept = "" if learned.layer_id is None else f"; kept as layer {learned.layer_id}, refused"
        say(f"not used: {learned.objection}{kept}")
        say_next("rapport looks")
    elif learned.layer_id is None:
        say("better than what is in use; nothing was stored (--dry-run)")
        say_next("rapport assess learn")
    else:
        say(f"layer {learned.layer_id} is in use; a running daemon takes it up within a minute")
        say_next("rapport assess again")
