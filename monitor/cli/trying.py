"""``rapport try``: a first look at a link or a file."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.say import FAILED, fail, say, say_json, say_next

if TYPE_CHECKING:
    from responders.drafts import Drafter

SHOWN = 20


@click.command("try")
@click.argument("place", metavar="LINK|FILE")
@click.option("--limit", type=click.IntRange(1), default=SHOWN, show_default=True)
@click.option("--brand", default="Your Brand", show_default=True, help="Name to draft for.")
@click.option("--signature", default="", help="Last line of the drafts. Default: the brand.")
@click.option(
    "--allow-private",
    is_flag=True,
    help="Let the link lead into a private network, such as a server on this machine.",
)
@click.option(
    "--language-model",
    "with_model",
    is_flag=True,
    help="Let the configured language model draft; the texts are sent to it, masked.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def try_(
    ctx: click.Context,
    place: str,
    limit: int,
    brand: str,
    signature: str,
    allow_private: bool,
    with_model: bool,
    as_json: bool,
) -> None:
    """See what would be found at a link or in a file, how it would be judged, what drafted.

    Needs no configuration and no key, and stores nothing; with --language-model it needs the
    section `language_model`, and counts on its budget. Links may be feeds (RSS, Atom, JSON
    Feed) or pages with schema.org reviews; files may be CSV or NDJSON.

    \b
    Examples:
      rapport try reviews.csv
      rapport try https://blog.example/feed.xml --brand "Harbour Coffee"
      rapport try reviews.csv --limit 3 --language-model
    """
    from connectors.safety import AddressRefused
    from monitor.assess import make_assessor
    from monitor.trying import NothingThere, Tried, look, may_use_ai, try_mention
    from responders.voices import Voice

    assessor, drafter = make_assessor(), _drafter(ctx, with_model=with_model)
    allowed = may_use_ai(place)
    voice = Voice(brand, signature or brand, "", ("en", "de", "es", "fr"))
    earlier: list[str] = []
    found = complaints = 0
    try:
        for page in look(place, allow_private=allow_private):
            for problem in page.problems[:SHOWN]:
                click.echo(f"rapport: {problem.where}: {problem.reason}", err=True)
            for mention in islice(page.mentions, max(0, limit - found)):
                tried: Tried = try_mention(
                    mention, assessor, drafter, voice, earlier, may_use_ai=allowed
                )
                found += 1
                complaints += tried.judged.complaint
                _show(tried, as_json)
            if found >= limit:
                break
    except NothingThere as error:
        if isinstance(error.__cause__, AddressRefused):
            fail(f"{place} lies in a private network; add --allow-private if it is yours")
        fail(str(error), FAILED)
    if as_json:
        return
    if not found:
        fail(f"{place}: no mention could be read", FAILED)
    say(f"{found} looked at, {complaints} would open a case; nothing was stored")
    say_next("rapport init" if "://" in place else f"rapport import {place}")


def _drafter(ctx: click.Context, *, with_model: bool) -> Drafter:
    """Return templates, or the configured model for every brand and source: it is a trial."""
    from responders.drafts import TemplateDrafter

    if not with_model:
        return TemplateDrafter()
    from monitor.app import model_settings
    from responders.llm.making import make_drafter

    app = ctx.with_resource(open_app(ctx))
    told = app.config.language_model
    if told is None:
        fail("the configuration has no section language_model; see docs/how-to/language-model.md")
    settings = replace(model_settings(told), brands=(), sources=())
    return make_drafter(settings, app.database, app.clock, app.config.user_agent, lambda _: None)


def _show(tried, as_json: bool) -> None:  # type: ignore[no-untyped-def]  # imported where it is used
    found, judged, draft = tried.found, tried.judged, tried.draft
    if as_json:
        say_json(
            {
                "id": found.external_id,
                "author": found.author_name,
                "rating": found.rating,
                "title": found.title,
                "text": found.text,
                "url": found.url,
                "created_at": found.created_at,
                "language": judged.language,
                "sentiment": judged.sentiment,
                "complaint_probability": judged.complaint_probability,
                "complaint": judged.complaint,
                "urgency": judged.urgency,
                "topics": list(judged.topics),
                "reasons": list(judged.reasons),
                "draft": draft.text if draft else None,
                "draft_made_by": draft.made_by if draft else "",
                "draft_reasons": list(draft.reasons) if draft else [],
            }
        )
        return
    rating = "" if found.rating is None else f"{found.rating:g} of {found.rating_max:g}, "
    verdict = "complaint" if judged.complaint else "spam" if judged.spam else "no complaint"
    say(
        f"{found.author_name or 'someone'}: {rating}{judged.language}, {verdict} "
        f"({judged.complaint_probability:.0%}), urgency {judged.urgency}"
    )
    text = " ".join(f"{found.title} {found.text}".split())
    say(f"  said: {text[:200]}{'…' if len(text) > 200 else ''}")
    if judged.reasons:
        say(f"  why:  {'; '.join(judged.reasons)}")
    if draft is not None:
        for number, line in enumerate(draft.text.splitlines()):
            say(f"  {'draft: ' if number == 0 else '       '}{line}")
        if draft.made_by:
            say(f"  by:    {draft.made_by}; {draft.reasons[-1]}")
    say()
