"""Meta's Graph API as Facebook and Instagram share it: calls, paging, webhooks.

The token goes into a header and never into an address. The ``next`` links of the API carry it,
so they are not followed: only the place that they name is taken from them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.base import Context
from connectors.dates import utc_now
from connectors.errors import LayoutChanged, NotAdmitted, Rejected
from connectors.hooks import Delivery, check_hmac
from connectors.http import Http
from connectors.meta_errors import explaining, rest_advised
from connectors.outcomes import Answer, public_part
from connectors.secrets import Secret

_PLACE = ("after", "until", "__paging_token", "offset", "page")
"""The parameters of a ``next`` link that say where the next page starts, and nothing else."""
_NODE = re.compile(r"^[A-Za-z0-9_:-]{1,120}\Z")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `place` are the parameters of the next page, None after the last."""

    items: list[Any]
    place: dict[str, str] | None
    rest: timedelta | None


class Graph:
    """One account's way to the Graph API. `token` is asked for each call; `secret`, where given,
    proves it.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        secret: Secret | None,
        context: Context,
        *,
        allow_private: bool,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._token = token
        self._secret = secret
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=allow_private,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explaining(context.now or utc_now),
            before=lambda: context.meter.spend("calls"),
        )

    def now(self) -> datetime:
        """Return the current time."""
        return self._http.now()

    def node(self, ident: str, fields: str) -> Mapping[str, Any]:
        """Return the object called `ident` with its `fields`."""
        return self.mapping(self._get(f"/{node(ident)}", {"fields": fields}))

    def listing(self, ident: str, edge: str, asked: Mapping[str, Any]) -> Listing:
        """Return one page of an object's `edge`."""
        answer = self._get(f"/{node(ident)}/{edge}", asked)
        found = answer.json()
        items = _items(found)
        if items is None:
            raise LayoutChanged(f"{public_part(answer.url)} answered no list")
        return Listing(items, next_place(found), rest_advised(answer.headers))

    def post(self, ident: str, edge: str, form: Mapping[str, str]) -> Answer:
        """Create something at an object's `edge`."""
        token = self._token()
        return self._http.write(
            "POST",
            f"{self._base}/{node(ident)}/{edge}",
            data={**form, **self._proof(token)},
            headers={"Authorization": f"Bearer {token}"},
        )

    def mapping(self, answer: Answer) -> Mapping[str, Any]:
        """Return the object that `answer` is; raise `LayoutChanged` when it is none."""
        found = answer.json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{public_part(answer.url)} answered no object")
        return found

    def close(self) -> None:
        """Release what is held."""
        self._http.close()

    def _get(self, path: str, asked: Mapping[str, Any]) -> Answer:
        token = self._token()
        return self._http.get(
            self._base + path,
            params={**asked, **self._proof(token)},
            headers={"Authorization": f"Bearer {token}"},
        )

    def _proof(self, token: str) -> dict[str, str]:
        if self._secret is None:
            return {}
        return {"appsecret_proof": appsecret_proof(token, self._secret.reveal())}


def appsecret_proof(token: str, secret: str) -> str:
    """Return what proves that the holder of the app's `secret` uses `token`."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def node(ident: str) -> str:
    """Return `ident` where it can be an object's id in a path; else raise `Rejected`."""
    if not _NODE.match(ident):
        raise Rejected("this is no id of the platform")
    return ident


def next_place(found: Any) -> dict[str, str] | None:
    """Return where the page after `found` starts, or None where it is the last.

    A page with a cursor and no ``next`` link is the last one, as the platform says.
    """
    paging = found.get("paging") if isinstance(found, dict) else None
    link = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(link, str) or not link:
        return None
    try:
        said = dict(parse_qsl(urlsplit(link).query))
    except ValueError:
        said = {}
    place = {name: said[name] for name in _PLACE if name in said}
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if isinstance(after, str) and after:
        place["after"] = after
    if not place:
        raise LayoutChanged("a list goes on, and its next page has no place")
    return place


def _items(found: Any) -> list[Any] | None:
    if not isinstance(found, dict):
        return None
    data = found.get("data")
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return [data]
    if found and all(isinstance(v, dict) and v.get("id") == k for k, v in found.items()):
        return list(found.values())  # the form of an answer to ``?ids=``
    return None


def admit_signed(secret: Secret | None, delivery: Delivery) -> None:
    """Check the signature that Meta puts on every delivery; raise `NotAdmitted`."""
    if secret is None:
        raise NotAdmitted("no app_secret is configured, so no delivery can be trusted")
    check_hmac(secret.reveal(), delivery.body, delivery.headers.get("x-hub-signature-256", ""))


def answer_challenge(token: Secret | None, query: Mapping[str, str]) -> str | None:
    """Return the challenge when the subscriber knows our verify token, else None."""
    if token is None or query.get("hub.mode") != "subscribe":
        return None
    given = query.get("hub.verify_token", "")
    if not hmac.compare_digest(token.reveal().encode(), given.encode()):
        return None
    return query.get("hub.challenge")


def changes_in(
    delivery: Delivery, kind: str, account: str
) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    """Yield each change of `account` in a delivery: its entry, the field and the value.

    Raises `LayoutChanged` for a body that is no delivery of `kind` (``page``, ``instagram``).
    """
    found = Answer(200, {}, delivery.body, "https://webhook").json()
    entries = found.get("entry") if isinstance(found, dict) else None
    if not isinstance(entries, list) or found.get("object") != kind:
        raise LayoutChanged(f"the delivery is none about a {kind}")
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        if account and str(entry.get("id")) != account:
            continue  # one app may serve several accounts, each with its own source
        changes = entry.get("changes")
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict):
                yield entry, str(change.get("field", "")), change.get("value")


def text_of(found: Mapping[str, Any], key: str) -> str:
    """Return the text under `key`, or nothing where it is none."""
    value = found.get(key)
    return value if isinstance(value, str) else ""


def part_of(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object under `key`, or an empty one."""
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def id_of(found: Any) -> str:
    """Return the id of an object as text; some clients turn it into a number."""
    ident = found.get("id") if isinstance(found, dict) else None
    if isinstance(ident, int) and not isinstance(ident, bool):
        ident = str(ident)
    return ident if isinstance(ident, str) and _NODE.match(ident) else ""
