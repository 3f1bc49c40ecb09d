"""``rapport looks``, ``look``, ``complaint`` and ``topics``: a person's word on judgements."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.decide import end
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import FAILED, WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.app import App
    from responders.views import LookView, Outcome

VERDICTS = {"complaint": "complaint", "no": "no_complaint", "skip": "skipped"}


@click.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def looks(ctx: click.Context, limit: int, as_json: bool) -> None:
    """List what waits for a second look: it opened no case, and a person should say if rightly.

    \b
    Examples:
      rapport looks
      rapport looks --limit 500 --json
    """
    from responders.look_words import REASONS

    with open_app(ctx) as app:
        waiting = app.looks.looks(limit)
        total = app.looks.waiting()
    if as_json:
        for look in waiting:
            say_json({"ref": look.ref, "mention_ref": look.mention_ref, **asdict(look)})
        return
    if not waiting:
        say("nothing waits for a second look")
        say_next("rapport queue")
        return
    table(
        ("look", "mention", "why", "likely", "stars", "source", "author", "what was said"),
        (
            (
                look.ref,
                look.mention_ref,
                REASONS.get(look.reason, look.reason),
                f"{look.likelihood:.0%}",
                "" if look.word.stars is None else f"{look.word.stars:g}",
                look.source,
                look.word.author[:20],
                " ".join(f"{look.word.title} {look.word.text}".split())[:50],
            )
            for look in waiting
        ),
    )
    say(f"{len(waiting)} shown of {total} that wait{'s' if total == 1 else ''} for a second look")
    say_next(f"rapport look {waiting[0].ref}")


@click.command()
@click.argument("ref")
@click.argument("verdict", type=click.Choice(list(VERDICTS)), required=False)
@click.pass_context
def look(ctx: click.Context, ref: str, verdict: str | None) -> None:
    """Show what waits for a second look, or say what it is: a complaint opens a case.

    \b
    Examples:
      rapport look L-3
      rapport look L-3 complaint
      rapport look L-3 no
      rapport look L-3 skip
    """
    number = _number(ref, "L", "second look", "rapport looks")
    with open_app(ctx) as app:
        if verdict is None:
            _show(app, number)
            return
        outcome = app.looks.judge(number, VERDICTS[verdict], me())
        app.on_decision()
        end(outcome, _after(outcome, "rapport looks"))


@click.command()
@click.argument("ref")
@click.pass_context
def complaint(ctx: click.Context, ref: str) -> None:
    """Say that a stored mention is a complaint, whatever was judged of it: a case is opened.

    A case that was dismissed is opened again. `rapport looks` names mentions.

    \b
    Examples:
      rapport complaint M-123
    """
    number = _number(ref, "M", "mention", "rapport looks")
    with open_app(ctx) as app:
        outcome = app.looks.complain(number, me())
        app.on_decision()
        end(outcome, _after(outcome, "rapport queue"))


@click.command()
@click.argument("ref")
@click.argument("named", metavar="[TOPIC,…]", required=False)
@click.pass_context
def topics(ctx: click.Context, ref: str, named: str | None) -> None:
    """Say what a case is about; without topics, show those it has and those there are.

    \b
    Examples:
      rapport topics C-1
      rapport topics C-1 waiting,staff
      rapport topics C-1 ""
    """
    with open_app(ctx) as app:
        view = app.queue.view(case_id(ref))
        if view is None:
            fail(f"there is no case {ref}; see `rapport queue --state all`", FAILED)
        if named is None:
            say(f"{view.ref} is about {', '.join(view.topics) or 'nothing known'}")
            say(f"known: {', '.join(view.known_topics)}")
            say_next(f"rapport topics {view.ref} {view.known_topics[0]}")
            return
        chosen = [each.strip() for each in named.split(",") if each.strip()]
        end(app.queue.correct_topics(view.id, chosen, me()), f"rapport show {view.ref}")


def _number(ref: str, letter: str, what: str, listing: str) -> int:
    """Read ``L-3`` or ``3``; end when it is neither."""
    digits = ref.upper().removeprefix(f"{letter}-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        fail(f"{ref!r} names no {what}; they look like {letter}-3 (see `{listing}`)", WRONG)
    return int(digits)


def _after(outcome: Outcome, otherwise: str) -> str:
    return otherwise if outcome.case is None else f"rapport show {outcome.case.ref}"


def _show(app: App, number: int) -> None:
    found = app.looks.look(number)
    if found is None:
        fail(f"there is no second look L-{number}; see `rapport looks`", FAILED)
    _draw(found)
    say_next(f"rapport look {found.ref} complaint" if found.is_waiting else "rapport looks")


def _draw(look: LookView) -> None:
    from responders.look_words import verdict_words, why_words

    word = look.word
    place = " · ".join(part for part in (look.source, look.brand, look.location) if part)
    say(f"{look.ref}  {look.mention_ref}  {place}")
    rating = "" if word.stars is None else f", {word.stars:g} of 5"
    say(f"{word.author or 'someone'}{rating}, {moment(word.at)}")
    for line in f"{word.title}\n{word.text or '(no text)'}".strip().splitlines():
        say(f"  | {line}")
    if look.url:
        say(f"  {look.url}")
    say(f"{why_words(look)}")
    for reason in look.reasons:
        say(f"  {reason}")
    if not look.is_waiting:
        say(verdict_words(look))
