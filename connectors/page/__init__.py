"""Web pages that mark their reviews up with schema.org, in JSON-LD or microdata."""

from __future__ import annotations

from datetime import timedelta

from connectors.addresses import host_of
from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.page.settings import PageSettings
from connectors.page.source import PageConnector

__all__ = ["KIND", "PageConnector", "PageSettings"]


def _build(settings: PageSettings, context: Context) -> Connector:
    return PageConnector(settings, context)


def _budgets(settings: PageSettings) -> tuple[Budget, ...]:
    """One request in five seconds to each host; robots.txt, the page and a redirect may follow
    one another.
    """
    host = host_of(settings.url)
    return (Budget(f"calls to {host}", 1, timedelta(seconds=5), burst=3),)


KIND = ConnectorKind(
    name="page",
    title="Pages with reviews",
    category="web",
    summary="Reads the reviews that a web page marks up with schema.org",
    settings=PageSettings,
    capabilities=Capabilities(reply_mode="manual"),
    build=_build,
    budgets_of=_budgets,
    docs_url="https://schema.org/Review",
    default_every=timedelta(hours=4),
    advice={
        "AuthFailed": "The page asks for a login or turns machines away; use an export instead.",
        "Gone": "The page is no longer there; look for its new address and change `url`.",
        "LayoutChanged": "Open the page; if the reviews are there, their markup has changed.",
        "Rejected": "The site does not want this page read or kept; ask its owner for leave.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    cost="Nothing.",
    limits="What the site's robots.txt asks for, and never more than one request in five seconds.",
    terms="The site's own; many forbid machines. Pages that ask not to be kept are not.",
    tested="Recorded pages of shops and review sites; 49 real robots.txt files; our own peer.",
    checklist=checked(
        deletions="a review that left the page may stand on another one",
        looks_first="nothing is sent",
        moderation="nothing is sent",
        length="nothing is sent",
    ),
)
