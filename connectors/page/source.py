"""A page with reviews as a source: asked for leave, read with care, never guessed at."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

from connectors.addresses import host_of
from connectors.base import BaseConnector, Context, Cursor, FoundMention, Health, Page, Problem
from connectors.dates import utc_now
from connectors.errors import LayoutChanged, Rejected
from connectors.http import Http
from connectors.outcomes import Answer, public_part
from connectors.page.jsonld import BrokenBlock, Graph, load_block
from connectors.page.microdata import items_of
from connectors.page.quick import blocks_of
from connectors.page.reviews import Aggregate, Found, aggregate_of, reviews_of
from connectors.page.reviews import identify as give_identities
from connectors.page.settings import PageSettings, forbidding_site
from connectors.robots import SHARED, RobotsRules
from connectors.waits import freshness

# It tells of every byte that it replaced, also on a terminal where nobody set up logging.
logging.getLogger("bs4").addHandler(logging.NullHandler())

ACCEPT = "text/html, application/xhtml+xml;q=0.9, application/ld+json;q=0.8, */*;q=0.1"
NOT_TO_BE_KEPT = frozenset({"noindex", "noarchive", "none"})
# What the parser of the standard library gives up a whole page for; a browser reads over it.
_NO_SECTION = re.compile(rb"<!\[(?!(?:cdata|if|else|endif)\b)", re.I)
_DECLARATION = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")
_APPS = re.compile(r"""id=["'](?:root|app|__next|__nuxt|___gatsby)["']|enable javascript""", re.I)


@dataclass(frozen=True, slots=True)
class Content:
    """What one page holds."""

    reviews: list[Found]
    problems: list[Problem]
    aggregate: Aggregate | None
    drawn_by_script: bool
    directives: frozenset[str]


class PageConnector(BaseConnector):
    """Reads the schema.org reviews of one page.

    The cursor holds the validators, the identities given, how many reviews there were, and the
    page's own overall rating and count (`aggregate`). A page that had reviews and shows none is
    a changed page, not one without reviews.
    """

    name = "page"

    def __init__(
        self, settings: PageSettings, context: Context, rules: RobotsRules = SHARED
    ) -> None:
        self._settings = settings
        self._rules = rules
        self._agent = context.user_agent.partition("/")[0].strip() or "Rapport"
        self._now: Callable[[], datetime] = context.now or utc_now
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": ACCEPT},
            now=context.now,
            before=lambda: context.meter.spend(f"calls to {host_of(settings.url)}"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        state: dict[str, Any] = dict(cursor)
        if state.get("url") != self._settings.url:
            state = {"url": self._settings.url}
        delay = self._ask_leave(self._settings.url)
        ask: dict[str, str] = {}
        if state.get("etag"):
            ask["If-None-Match"] = state["etag"]
        if state.get("last_modified"):
            ask["If-Modified-Since"] = state["last_modified"]
        answer = self._http.get(self._settings.url, headers=ask)
        wait = max(delay, freshness(answer.headers) or timedelta(0))
        print_ = blake2b(answer.body, digest_size=16).hexdigest()
        if answer.status == 304 or print_ == state.get("print"):
            return Page((), state, unchanged=True, poll_no_sooner_than=wait)
        content = self._read(answer)
        where = public_part(self._settings.url)
        problems = list(content.problems)
        if not content.reviews:
            empty = content.aggregate is not None and content.aggregate.count == 0
            if state.get("count") and not empty:
                raise LayoutChanged(
                    f"{where} showed {state['count']} reviews before and shows none now"
                )
            if not empty:
                problems.append(Problem(where, _why_none(content)))
        state["known"] = give_identities(
            _place(self._settings.url), content.reviews, state.get("known", {})
        )
        state["count"] = len(content.reviews)
        state["print"] = print_
        if content.aggregate is not None:
            state["aggregate"] = {
                "rating": content.aggregate.rating,
                "count": content.aggregate.count,
            }
        for key, header in (("etag", "ETag"), ("last_modified", "Last-Modified")):
            state.pop(key, None)
            if answer.headers.get(header):
                state[key] = answer.headers[header]
        return Page(
            _mentions(content.reviews, answer.url),
            state,
            problems=tuple(problems),
            poll_no_sooner_than=wait,
        )

    def verify(self) -> Health:
        self._ask_leave(self._settings.url)
        content = self._read(self._http.get(self._settings.url))
        if not content.reviews:
            return Health(False, _why_none(content), "Open the page's source and look for “Review”")
        return Health(True, f"{len(content.reviews)} reviews can be read")

    def close(self) -> None:
        self._http.close()

    def _ask_leave(self, url: str) -> timedelta:
        verdict = self._rules.ask(self._http, url, self._agent, self._now)
        if not verdict.allowed:
            raise Rejected(f"{public_part(url)} may not be read: {verdict.reason}")
        return verdict.delay

    def _read(self, answer: Answer) -> Content:
        site = forbidding_site(answer.url)
        if site and not self._settings.i_have_permission:
            raise Rejected(f"the page leads to {site}, whose terms forbid reading it by machine")
        if urlsplit(answer.url).netloc != urlsplit(self._settings.url).netloc:
            # Where a redirect led to another site, that site's rules count as well.
            self._ask_leave(answer.url)
        content = read_page(answer, self._agent)
        if content.directives & NOT_TO_BE_KEPT and not self._settings.i_have_permission:
            asked = ", ".join(sorted(content.directives & NOT_TO_BE_KEPT))
            raise Rejected(
                f"{public_part(answer.url)} asks machines not to keep it ({asked}); "
                "nothing was stored"
            )
        return content


def read_page(answer: Answer, agent: str = "Rapport", *, quickly: bool = True) -> Content:
    """Return the reviews of a page and what is wrong with others. Any bytes give some content.

    Without `quickly` the page's tree is built also where `connectors.page.quick` could do without
    it; the result is the same.
    """
    where = public_part(answer.url)
    body = _DECLARATION.sub(b"", answer.body)
    directives = set(_directives(answer.headers.get("X-Robots-Tag", ""), agent))
    problems: list[Problem] = []
    roots: list[Any] = []
    blocks: list[str] = []
    items: list[dict[str, Any]] = []
    drawn = False
    if "json" in answer.headers.get("Content-Type", "").lower():
        blocks.append(answer.text())
    elif b"<" in body:
        charset = answer.headers.get("Content-Type", "").lower().partition("charset=")[2]
        charset = charset.strip("\"' ;")
        quick = blocks_of(body, charset) if quickly else None
        if quick is not None:
            blocks, metas = quick
        else:
            soup = _tree(body, charset)
            if soup is None:
                problems.append(Problem(where, "the markup of the page cannot be read"))
                soup = BeautifulSoup("", "html.parser")
            blocks.extend(
                script.get_text()
                for script in soup.find_all("script")
                if str(script.get("type") or "").strip().lower().startswith("application/ld+json")
            )
            metas = [
                {key: str(meta.get(key) or "") for key in ("name", "content")}
                for meta in soup.find_all("meta")
            ]
            items = items_of(soup)
            drawn = not items and not blocks and _is_drawn_by_script(soup, answer)
        for meta in metas:
            if meta.get("name", "").strip().lower() in ("robots", agent.lower()):
                directives.update(_directives(meta.get("content", ""), agent))
    for number, block in enumerate(blocks, 1):
        try:
            roots.extend(load_block(block))
        except BrokenBlock as error:
            problems.append(Problem(f"{where} JSON-LD block {number}", f"broken: {error}"))
    graph = Graph(roots)
    reviews, broken = reviews_of(where, graph, items)
    return Content(
        reviews,
        problems + broken,
        aggregate_of(graph, items),
        drawn,
        frozenset(directives),
    )


def _tree(body: bytes, charset: str) -> BeautifulSoup | None:
    """The page's tree; None where the parser refuses the page altogether."""
    try:
        return BeautifulSoup(
            _NO_SECTION.sub(b"&lt;![", body), "html.parser", from_encoding=charset or None
        )
    except ParserRejectedMarkup:
        return None


def _mentions(reviews: list[Found], url: str) -> tuple[FoundMention, ...]:
    for review in reviews:
        review.mention.url = review.mention.url or url
    return tuple(review.mention for review in reviews)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}{parts.path}"


def _directives(said: str, agent: str) -> set[str]:
    """Return the directives for us in an X-Robots-Tag header or a robots meta element.

    A directive may be addressed to one robot (``googlebot: noindex``); others do not concern us.
    """
    found: set[str] = set()
    addressed = True
    for part in said.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() not in ("unavailable_after", "max-snippet", "max-image-preview",
                                          "max-video-preview"):  # fmt: skip
            addressed = name.strip() in (agent.lower(), "*")
            part = rest
        if addressed:
            found.update(part.split())
    return found


def _is_drawn_by_script(soup: BeautifulSoup, answer: Answer) -> bool:
    scripts = soup.find_all("script")
    if not scripts:
        return False
    visible = 0
    for text in soup.find_all(string=True):
        if text.parent is not None and text.parent.name not in (
            "script",
            "style",
            "noscript",
            "title",
        ):
            visible += len(text.strip())
    return visible < 500 or bool(_APPS.search(answer.text()) and visible < 2000)


def _why_none(content: Content) -> str:
    if content.drawn_by_script:
        return "the page is drawn by JavaScript, so there is nothing to read in it"
    return "the page has no reviews marked up with schema.org"
