"""Reads the usual feed quickly: well-formed UTF-8 with RSS 2.0's or Atom's own elements.

feedparser understands nearly everything and takes its time. What is read here comes out exactly
as from there, in the same dictionaries; wherever that is not certain, `read_quickly` returns
None and feedparser does the work. A test holds both against each other.

Longer than most: it is one reader and what it may not read, and the two must be seen together.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_LANGUAGE = (f"{_XML}lang", "lang")
_BARE = (
    "{http://purl.org/rss/1.0/modules/slash/}",
    "{http://wellformedweb.org/CommentAPI/}",
    "{http://wellformedweb.org/commentAPI/}",
    "{http://purl.org/syndication/thread/1.0}",
)
"""Namespaces whose elements tell nothing that is used here, and which feedparser does not know."""
_SILENT = frozenset({"category", "comments", "enclosure"})
_DECLARED = re.compile(rb"^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']", re.I)
_BASE = re.compile(rb"[\s:]base\s*=", re.I)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.-]{1,40})", re.I)
_DATE = re.compile(
    r"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{2}) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d{2}):(\d{2}):(\d{2}) "
    r"(GMT|[+-]\d{4})$",
    re.A,
)
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$", re.A)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_CP1252 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_LINK_ENTITY = re.compile("&([A-Za-z0-9_]+);")


class _InDoubt(Exception):
    """Something is written in a way that only feedparser may judge."""


def read_quickly(body: bytes, kind: str) -> tuple[list[dict[str, Any]], dict[str, str]] | None:
    """Return the entries of a feed and what it says of itself (title, ttl), or None.

    `body` has no document type any more; `kind` is the Content-Type that came with it.
    """
    declared = _DECLARED.match(body[:400].removeprefix(b"\xef\xbb\xbf"))
    charset = _CHARSET.search(kind)
    for said in (declared[1].decode() if declared else "", charset[1] if charset else ""):
        if said and said.lower() not in ("utf-8", "utf8"):
            return None
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        return None
    # Wherever it stands, a base changes the addresses after it.
    if b"base" in body.lower() and _BASE.search(body):
        return None
    try:
        parser = XMLParser()  # noqa: S314 - without a document type there is nothing to expand
        parser.feed(body)
        root = parser.close()
        return _feed(root)
    except (ParseError, _InDoubt):
        return None


def _feed(root: Element) -> tuple[list[dict[str, Any]], dict[str, str]]:
    if root.tag == "rss":
        channels = list(root)
        if len(channels) != 1 or channels[0].tag != "channel":
            raise _InDoubt
        top, item, read = channels[0], "item", _rss_item
    elif root.tag == f"{ATOM}feed":
        top, item, read = root, f"{ATOM}entry", _atom_entry
    else:
        raise _InDoubt
    if "lastmod" in top.attrib or "href" in top.attrib:
        raise _InDoubt
    language = _language(top, _language(root, None))
    entries: list[dict[str, Any]] = []
    for one in top:
        if one.tag == item:
            entries.append(read(one, language))
        elif len(one) or one.tag.lower() in ("item", "entry"):
            _hold_no_entries(one)
    prefix = item.removesuffix("item").removesuffix("entry")
    return entries, _about(top, prefix)


def _hold_no_entries(element: Element) -> None:
    """feedparser finds entries wherever they stand; here they stand in their place only."""
    for one in element.iter():
        if one.tag.rpartition("}")[2].lower() in ("item", "entry"):
            raise _InDoubt


def _about(top: Element, prefix: str) -> dict[str, str]:
    about: dict[str, str] = {}
    for one in top:
        if one.tag == f"{prefix}title":
            _once(about, "title")
            about["title"] = _own(one)
        elif one.tag == "ttl":
            if one.attrib:
                raise _InDoubt
            about["ttl"] = _own(one)
    return about


def _rss_item(item: Element, language: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if item.attrib:
        _attributes(item)
        language = _language(item, language)
    guid = ""
    for one in item:
        tag = one.tag
        if tag == "title":
            _title(entry, _plain(one))
        elif tag == "link":
            said = _address(_plain(one))
            if "&" in said:
                said = _LINK_ENTITY.sub(r"&\g<1>", said.replace("&amp;", "&"))
            entry["link"] = said
        elif tag == "description":
            _once(entry, "summary_detail")
            entry["summary"] = _plain(one)
            entry["summary_detail"] = {"language": _tidy(_language(one, language))}
        elif tag == "guid":
            _once(entry, "id")
            said = (
                _attributes(one, "ispermalink").get("ispermalink", "true") if one.attrib else "true"
            )
            is_link = said == "true"
            guid = _address(_own(one)) if is_link else ""
            entry["id"] = guid if is_link else _own(one)
        elif tag == "pubDate":
            _date(entry, "published", _plain(one))
        elif tag in _SILENT:
            _own(one)
        elif tag == CONTENT:
            _once(entry, "content")
            entry["content"] = [_content(_plain(one), "text/html", _language(one, language))]
        elif tag in ("author", CREATOR):
            _once(entry, "author")
            _bare_author(entry, _plain(one))
        elif tag.startswith(_BARE):
            _own(one)
        else:
            raise _InDoubt
    if guid:
        entry.setdefault("link", guid)
    return _completed(entry)


def _atom_entry(item: Element, language: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if item.attrib:
        _attributes(item)
        language = _language(item, language)
    link = None
    for one in item:
        tag = one.tag.removeprefix(ATOM) if one.tag.startswith(ATOM) else ""
        if tag == "category" or tag == "rights" or one.tag.startswith(_BARE):
            _own(one)
        elif tag == "title":
            _kind(one)
            _title(entry, _own(one))
        elif tag == "link":
            leads = _atom_link(one)
            link = link if leads is None else leads
        elif tag == "id":
            _once(entry, "id")
            entry["id"] = _address(_plain(one))
        elif tag == "summary":
            _once(entry, "summary_detail")
            _kind(one)
            entry["summary"] = _own(one)
            entry["summary_detail"] = {"language": _tidy(_language(one, language))}
        elif tag == "content":
            _once(entry, "content")
            entry["content"] = [_content(_own(one), _kind(one), _language(one, language))]
        elif tag in ("published", "updated"):
            _date(entry, tag, _plain(one))
        elif tag == "author":
            _once(entry, "author_detail")
            _atom_author(entry, one)
        else:
            raise _InDoubt
    if link is not None:
        entry["link"] = link
    elif "id" in entry:
        entry["link"] = entry["id"]
    return _completed(entry)


def _completed(entry: dict[str, Any]) -> dict[str, Any]:
    """Give `entry` its content as summary where it has none, as feedparser does."""
    if "summary" not in entry and "content" in entry:
        entry["summary"] = entry["content"][0]["value"]
    return entry


def _atom_link(link: Element) -> str | None:
    """Return where an Atom link leads when it leads to the page of its entry."""
    said = _attributes(link, "href", "rel", "type", "title", "hreflang", "length")
    if "href" not in said or len(link):
        raise _InDoubt
    relation = said.get("rel", "alternate").lower()
    usual = "application/atom+xml" if relation == "self" else "text/html"
    kind = said.get("type", usual).lower()
    href = _address(said["href"])
    return href if relation == "alternate" and kind in (*_HTML, "html", "xhtml") else None


def _atom_author(entry: dict[str, Any], author: Element) -> None:
    if author.attrib:
        raise _InDoubt
    found: dict[str, str] = {}
    for one in author:
        name = one.tag.removeprefix(ATOM) if one.tag.startswith(ATOM) else ""
        if name not in ("name", "email", "uri") or name in found:
            raise _InDoubt
        if name == "uri":
            found[name] = _address(_plain(one))
        else:
            _plain(one)
            found[name] = "".join(one.itertext()).strip()
    if (author.text or "").strip() or any((one.tail or "").strip() for one in author):
        raise _InDoubt
    detail = {"href": found["uri"]} if "uri" in found else {}
    detail |= {key: found[key] for key in ("name", "email") if key in found}
    if not found.get("name") and found.get("email"):
        raise _InDoubt
    entry["author_detail"] = detail
    entry["author"] = found.get("name", "")
    if found.get("name") and found.get("email"):
        entry["author"] = f"{found['name']} ({found['email']})"


def _bare_author(entry: dict[str, Any], said: str) -> None:
    if "@" in said:
        raise _InDoubt
    entry["author"] = said
    if said:
        entry["author_detail"] = {"name": said}


def _title(entry: dict[str, Any], said: str) -> None:
    if not entry.get("title"):
        entry["title"] = said


def _content(said: str, kind: str, language: str | None) -> dict[str, Any]:
    return {"value": said, "type": kind, "language": _tidy(language)}


def _kind(element: Element) -> str:
    """Return the type of an Atom text; only what holds no elements is judged here."""
    said = _attributes(element, "type").get("type", "text").lower()
    kinds = {"text": "text/plain", "text/plain": "text/plain", "html": "text/html",
             "text/html": "text/html"}  # fmt: skip
    if said not in kinds:
        raise _InDoubt
    return kinds[said]


def _date(entry: dict[str, Any], key: str, said: str) -> None:
    _once(entry, key)
    entry[key] = said
    entry[f"{key}_parsed"] = _moment(said)


def _moment(said: str) -> datetime:
    try:
        if match := _DATE.match(said):
            day, month, year, hour, minute, second, zone = match.groups()
            offset = UTC if zone == "GMT" else _offset(zone)
            clock = (int(hour), int(minute), int(second))
            found = datetime(int(year), _MONTHS[month], int(day), *clock, tzinfo=offset)
        elif _ISO.match(said):
            found = datetime.fromisoformat(said)
        else:
            raise _InDoubt
        if not 1971 <= found.year < 2200:
            raise _InDoubt
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _InDoubt from None


@lru_cache(maxsize=256)
def _offset(zone: str) -> timezone:
    hours, minutes = int(zone[1:3]), int(zone[3:5])
    if hours > 14 or minutes > 59:
        raise _InDoubt
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if zone[0] == "-" else delta)


def _plain(element: Element) -> str:
    """Return the text of an element that has no attributes but its language."""
    if element.attrib:
        _attributes(element)
    if len(element):
        raise _InDoubt
    text = (element.text or "").strip()
    return text if text.isascii() else _mended(text)


def _own(element: Element) -> str:
    """Return the text of an element without elements in it."""
    if len(element):
        raise _InDoubt
    text = (element.text or "").strip()
    return text if text.isascii() else _mended(text)


def _mended(text: str) -> str:
    """Return `text` with the usual damage repaired."""
    with contextlib.suppress(UnicodeError):
        # UTF-8 that somebody took for Latin-1 and encoded once more.
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252)


def _address(said: str) -> str:
    if ":///" in said:
        raise _InDoubt
    return said


def _attributes(element: Element, *known: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        name = key.lower()
        if key in _LANGUAGE:
            continue
        if name not in known or name in found:
            raise _InDoubt
        found[name] = value
    return found


def _once(entry: Mapping[str, Any], key: str) -> None:
    if key in entry:
        raise _InDoubt


def _language(element: Element, inherited: str | None) -> str | None:
    attributes = element.attrib
    if not attributes:
        return inherited
    said = attributes.get(_LANGUAGE[0], attributes.get("lang"))
    return inherited if said is None else said or None


def _tidy(language: str | None) -> str | None:
    return language.replace("_", "-") if language else language
