"""``approve``, ``edit``, ``reject`` and ``leave``: deciding at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from monitor.app import App
from monitor.cli.opening import case_id, me, open_app
from monitor.cli.say import CHANGED, FAILED, WRONG, fail, say, say_next
from responders.deciding import REJECT_REASONS
from responders.phrases import languages
from responders.reply_words import going_on, obstacle_words
from responders.views import CaseView, DraftView, Outcome
from responders.wishes import TONES, make_wish
from responders.withdrawing import KEEP


@click.command()
@click.argument("ref")
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.option("--yes", is_flag=True, help="Do not show the text and ask first.")
@click.option(
    "--despite",
    metavar="KEY",
    default="",
    help="Go on despite what stands against it: the key that `rapport show` printed.",
)
@click.option("--by-hand", is_flag=True, help="Post it yourself, where Rapport could.")
@click.pass_context
def approve(
    ctx: click.Context, ref: str, version: int | None, yes: bool, despite: str, by_hand: bool
) -> None:
    """Approve the draft of a case: the daemon publishes exactly this text, once.

    \b
    Examples:
      rapport approve C-42
      rapport approve C-42 --version 2 --yes
      rapport approve C-42 --by-hand
    """
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        if not yes:
            say(draft.text)
            say()
            despite = _confirm(view, despite, by_hand=by_hand)
        outcome = app.queue.approve(
            view.id,
            draft_version=draft.version,
            text_hash=draft.text_hash,
            actor=me(),
            despite=despite,
            by_hand=by_hand,
        )
        end(outcome, f"rapport show {view.ref}")


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
        end(outcome, f"rapport approve {view.ref}")


@click.command()
@click.argument("ref")
@click.option(
    "--reason",
    type=click.Choice([*REJECT_REASONS, KEEP]),
    default="another_draft",
    show_default=True,
    help="What shall happen instead.",
)
@click.option("--another", is_flag=True, help="Have another draft made, as --reason does.")
@click.option("--tone", type=click.Choice(TONES), help="How the other draft shall speak.")
@click.option("--shorter", is_flag=True, help="The other draft shall be shorter.")
@click.option("--language", type=click.Choice(languages()), help="The language of the other draft.")
@click.option("--note", default="", help="A word for the trail.")
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.pass_context
def reject(
    ctx: click.Context,
    ref: str,
    reason: str,
    another: bool,
    tone: str | None,
    shorter: bool,
    language: str | None,
    note: str,
    version: int | None,
) -> None:
    """Reject the draft of a case, and say what shall happen instead.

    Another draft can be asked for in a tone, shorter, and in another language.

    \b
    Examples:
      rapport reject C-42
      rapport reject C-42 --another --tone warm --shorter
      rapport reject C-42 --another --language de
      rapport reject C-42 --reason keep_reply
      rapport reject C-42 --reason not_a_complaint --note "a joke"
    """
    wish = make_wish(tone=tone or "", shorter=shorter, language=language or "")
    if (another or wish) and reason != "another_draft":
        fail(f"--another and its wishes do not go with --reason {reason}", WRONG)
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        outcome = app.queue.reject(
            view.id, draft_version=draft.version, reason=reason, note=note, actor=me(), wish=wish
        )
        end(outcome, "rapport queue")


@click.command()
@click.argument("ref")
@click.option("--version", type=int, help="The draft version you saw; refuse if it changed.")
@click.option("--yes", is_flag=True, help="Do not show that answer and ask first.")
@click.pass_context
def leave(ctx: click.Context, ref: str, version: int | None, yes: bool) -> None:
    """Leave the answer that somebody gave on the platform: the case is answered by it.

    \b
    Examples:
      rapport leave C-42
    """
    with open_app(ctx) as app:
        view, draft = _on_table(app, ref, version)
        if view.obstacle is None or not view.obstacle.answer:
            fail(f"{view.ref}: no answer of somebody else is known; see `rapport show {view.ref}`")
        if not yes:
            say(view.obstacle.answer)
            say()
            click.confirm("Is the case answered by this?", abort=True)
        outcome = app.queue.keep_answer(
            view.id, draft_version=draft.version, despite=view.obstacle.key, actor=me()
        )
        end(outcome, "rapport queue")


def _confirm(view: CaseView, despite: str, *, by_hand: bool) -> str:
    """Ask for the act; return the key of the obstacle that was shown and gone on despite."""
    label = view.publish_label
    if by_hand and view.can_publish:
        label = f"Approve, to post by hand on {view.platform}"
    obstacle = view.obstacle
    if obstacle is None:
        if view.why_by_hand:
            say(f"By hand, because {view.why_by_hand}.")
        click.confirm(f"{label}?", abort=True)
        return despite
    say(obstacle_words(obstacle))
    for line in obstacle.answer.splitlines():
        say(f"  | {line}")
    click.confirm(f"{label}? {going_on(view)}", abort=True)
    return despite or obstacle.key


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


def end(outcome: Outcome, following: str) -> None:
    """Say what came of a decision, and end with its exit code."""
    if not outcome.done:
        fail(outcome.message, CHANGED if outcome.code in ("stale", "taken") else FAILED)
    say(outcome.message)
    say_next(following)
