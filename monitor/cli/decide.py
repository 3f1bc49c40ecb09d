"""``approve``, ``edit``, ``reject`` and ``posted``: deciding at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from monitor.app import App
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import CHANGED, FAILED, WRONG, fail, say, say_next
from responders.queue import REJECT_REASONS
from responders.views import CaseView, DraftView, Outcome


@click.command()
@click.argument("ref")
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.option("--yes", is_flag=True, help="Do not show the text and ask first.")
@click.pass_context
def approve(ctx: click.Context, ref: str, version: int | None, yes: bool) -> None:
    """Approve the draft of a case: the daemon publishes exactly this text, once.

    \b
    Examples:
      rapport approve C-42
      rapport approve C-42 --version 2 --yes
    """
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        if not yes:
            say(draft.text)
            say()
            click.confirm(f"{view.publish_label}?", abort=True)
        outcome = app.queue.approve(
            view.id, draft_version=draft.version, text_hash=draft.text_hash, actor=me()
        )
        _end(outcome, f"rapport show {view.ref}")


@click.command()
@click.argument("ref")
@click.option("--text", help="The new text. Without it, your editor opens.")
@click.option("--file", "path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.pass_context
def edit(
    ctx: click.Context, ref: str, text: str | None, path: Path | None, version: int | None
) -> None:
    """Edit the draft of a case. The new version awaits approval; nothing is published.

    \b
    Examples:
      rapport edit C-42
      rapport edit C-42 --text "Dear Kim, …"
      rapport edit C-42 --file answer.txt
    """
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        if path is not None:
            text = _read(path)
        if text is None:
            text = click.edit(draft.text) if sys.stdin.isatty() else sys.stdin.read()
        if text is None:
            fail("nothing was changed: the editor was closed without saving")
        outcome = app.queue.edit(
            view.id,
            base_version=draft.version,
            base_hash=draft.text_hash,
            text=text,
            actor=me(),
        )
        _end(outcome, f"rapport approve {view.ref}")


@click.command()
@click.argument("ref")
@click.option(
    "--reason",
    type=click.Choice(list(REJECT_REASONS)),
    default="another_draft",
    show_default=True,
    help="What shall happen instead.",
)
@click.option("--note", default="", help="A word for the trail.")
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.pass_context
def reject(ctx: click.Context, ref: str, reason: str, note: str, version: int | None) -> None:
    """Reject the draft of a case, and say what shall happen instead.

    \b
    Examples:
      rapport reject C-42
      rapport reject C-42 --reason not_a_complaint --note "a joke"
    """
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        outcome = app.queue.reject(
            view.id, draft_version=draft.version, reason=reason, note=note, actor=me()
        )
        _end(outcome, "rapport queue")


@click.command()
@click.argument("ref")
@click.option("--url", default="", help="Where the reply stands.")
@click.pass_context
def posted(ctx: click.Context, ref: str, url: str) -> None:
    """Say that you posted an approved reply by hand; the response clock stops.

    \b
    Examples:
      rapport posted C-42 --url https://board.example/reviews/7
    """
    with open_app(ctx) as app:
        _end(app.queue.mark_posted(case_id(ref), actor=me(), url=url), "rapport queue")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{path}: is no text in UTF-8; save it as UTF-8", WRONG)


def _on_table(app: App, ref: str, version: int | None) -> tuple[CaseView, DraftView]:
    view = app.queue.view(case_id(ref))
    if view is None:
        fail(f"there is no case {ref}; see `rapport queue --state all`", FAILED)
    if not view.is_awaiting or view.draft is None:
        fail(f"{view.ref} is {view.state}: no draft awaits a decision", CHANGED)
    if version is not None and view.draft.version != version:
        fail(f"the draft changed: version {view.draft.version} is on the table", CHANGED)
    return view, view.draft


def _end(outcome: Outcome, following: str) -> None:
    if not outcome.done:
        fail(outcome.message, CHANGED if outcome.code in ("stale", "taken") else FAILED)
    say(outcome.message)
    say_next(following)
