"""Turns schema.org nodes into reviews, and keeps their identities through edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors.addresses import web_link
from connectors.base import FoundMention, Problem
from connectors.dates import parse_date
from connectors.page.jsonld import Graph, types_of
from connectors.ratings import likely_top, parse_rating
from connectors.text import clip, html_to_text, normalised, one_line, unescape

TYPES = frozenset({"review", "userreview", "criticreview", "employerreview"})
MOST_KNOWN = 2000
"""Reviews whose identity is remembered; a page shows some dozens."""
Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What the page says of all its reviews together: a cheap sign that something is new."""

    rating: float | None
    count: int | None


@dataclass(slots=True)
class Found:
    """One review of a page before it has an identity. `words` are the first ones, by which it is
    known; all of them where another review of the same hand and day begins alike."""

    mention: FoundMention
    author: str
    date: str
    words: str


def reviews_of(
    where: str, graph: Graph, items: Iterable[Mapping[str, Any]]
) -> tuple[list[Found], list[Problem]]:
    """Return the reviews in JSON-LD and microdata, each once, and what is wrong with others.

    Many pages say the same review both ways; the JSON-LD is then taken, being cleaner.
    """
    problems: list[Problem] = []
    found: list[Found] = []
    seen: dict[tuple[str, str, str], set[str]] = {}
    texts: set[str] = set()
    nodes = [graph.resolve(node) for key, node in graph.nodes if _is_review(key, node)]
    spoken = {id(node): node for node in nodes}.values()
    sources = [(spoken, graph), ((i for i in items if types_of(i) & TYPES), Graph([]))]
    number = 0
    for reviews, index in sources:
        said_before = frozenset(texts)
        for node in reviews:
            number += 1
            review = _review(node, index)
            if review is None:
                if set(node) - {"@type", "@id", "@context"}:
                    reason = "the review has neither a text nor a rating"
                    problems.append(Problem(f"{where} review {number}", reason))
                continue
            if review.words and review.words in said_before:
                continue
            key = (review.author.casefold(), review.date, review.words)
            whole = normalised(review.mention.text) or str(review.mention.rating)
            if whole in seen.setdefault(key, set()):
                continue
            texts.add(review.words)
            if seen[key]:
                review.words = whole
            seen[key].add(whole)
            found.append(review)
    return found, problems


def aggregate_of(graph: Graph, items: Iterable[Mapping[str, Any]]) -> Aggregate | None:
    """Return the page's overall rating, or None where it states none."""
    for node in (*(node for _, node in graph.nodes), *items):
        if "aggregaterating" not in types_of(node):
            continue
        count = _scalar(graph, node.get("reviewCount")) or _scalar(graph, node.get("ratingCount"))
        digits = re.sub(r"\D", "", count)
        rating = parse_rating(_scalar(graph, node.get("ratingValue")))[0]
        return Aggregate(rating, int(digits) if digits and len(digits) < 12 else None)
    return None


def identify(page: str, found: Iterable[Found], known: Known) -> dict[str, list[list[str]]]:
    """Give each review its `external_id`; return what to remember for the next time.

    No page tells ids, so the identity is a hash of page, author, date and the first words. When
    the words change, the author and date still match a review that is no longer there in its
    old form, and it keeps that one's id: an edit, not a second review.
    """
    groups: dict[str, list[Found]] = {}
    for review in found:
        name = review.author.casefold()
        groups.setdefault(_digest(f"{page}\0{name}\0{review.date}")[:16], []).append(review)
    memory: dict[str, list[list[str]]] = {}
    for base, reviews in groups.items():
        before = {str(now): str(given) for now, given in known.get(base, ())}
        present = {_digest(f"{page}\0{base}\0{r.words}"): r for r in reviews}
        fresh = [digest for digest in present if digest not in before]
        gone = [digest for digest in before if digest not in present]
        given = {digest: before.get(digest, digest) for digest in present}
        certain = all(r.author and r.date for r in reviews)
        if certain and len(fresh) == 1 and len(gone) == 1:
            given[fresh[0]] = before[gone[0]]
            gone = []
        for digest, review in present.items():
            review.mention.external_id = given[digest]
        memory[base] = [[d, g] for d, g in given.items()] + [[d, before[d]] for d in gone]
    # Those that are not on the page today may be back tomorrow: pages show a changing choice.
    for base, pairs in known.items():
        if len(memory) >= MOST_KNOWN:
            break
        memory.setdefault(base, [list(pair) for pair in pairs])
    return memory


def _is_review(key: str, node: Mapping[str, Any]) -> bool:
    types = types_of(node)
    if types & TYPES:
        return True
    says = {"reviewBody", "reviewRating", "ReviewRating"} & set(node)
    return not types and bool(says) and key in ("review", "reviews", "Review", "")


def _review(node: Mapping[str, Any], graph: Graph) -> Found | None:
    text = _prose(graph, node, "reviewBody", "description", "text")
    title = one_line(_prose(graph, node, "name", "headline", "summary"))
    rating, lowest, highest = _rating(graph, node)
    if not text and rating is None and not title:
        return None
    author = _author(graph, node)
    said = _first(graph, node, "datePublished", "dateCreated", "dtreviewed", "uploadDate")
    written = parse_date(said)
    edited = parse_date(_first(graph, node, "dateModified"))
    mention = FoundMention(
        external_id="",
        text=text or title,
        kind="review",
        title=clip(title, 300) if text else "",
        author_name=clip(author, 200),
        rating=rating,
        rating_min=lowest,
        rating_max=highest,
        language=clip(_first(graph, node, "inLanguage"), 20),
        url=web_link(_first(graph, node, "url")),
        created_at=written,
        edited_at=edited if written and edited and edited > written else None,
    )
    return Found(mention, author, _day(written, said), clip(normalised(text or title), 200))


def _day(written: datetime | None, said: str) -> str:
    # Two formats of one day must not make two reviews.
    return written.isoformat() if written else one_line(said)


def _rating(graph: Graph, node: Mapping[str, Any]) -> tuple[float | None, float, float]:
    for key in ("reviewRating", "ReviewRating", "rating"):
        for value in graph.each(node.get(key)):
            if isinstance(value, dict):
                score, top = parse_rating(_first(graph, value, "ratingValue", "value"))
                best = parse_rating(_first(graph, value, "bestRating", "best"))[0]
                worst = parse_rating(_first(graph, value, "worstRating", "worst"))[0]
            else:
                score, top = parse_rating(value if isinstance(value, str) else _plain(value))
                best = worst = None
            if score is None:
                continue
            highest = best or top or likely_top(score)
            lowest = worst if worst is not None else min(1.0, score)
            if lowest > highest:  # some sites have them the wrong way round
                lowest, highest = highest, lowest
            if lowest <= score <= highest:
                return score, lowest, highest
            return score, min(score, lowest), likely_top(max(score, highest))
    return None, 1.0, 5.0


def _author(graph: Graph, node: Mapping[str, Any]) -> str:
    for key in ("author", "creator", "reviewer"):
        for value in graph.each(node.get(key)):
            if isinstance(value, dict):
                name = _first(graph, value, "name", "alternateName", "givenName")
            else:
                name = _plain(value)
            if name and not name.startswith(("http://", "https://")):
                return one_line(unescape(name))
    return ""


def _prose(graph: Graph, node: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        parts = [_scalar(graph, value) for value in graph.each(node.get(key))]
        text = html_to_text(unescape("\n".join(part for part in parts if part)))
        if text:
            return text
    return ""


def _first(graph: Graph, node: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        for value in graph.each(node.get(key)):
            if text := _scalar(graph, value).strip():
                return text
    return ""


def _scalar(graph: Graph, value: Any) -> str:
    for one in graph.each(value):
        if isinstance(one, dict):
            one = one.get("@value") or one.get("name") or one.get("value") or ""
        if text := _plain(one):
            return text
    return ""


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return value if isinstance(value, str) else f"{value:g}" if value == value else ""


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
