"""Apple's feed of customer reviews, in JSON and XML, with its habits."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import WebPeer

APP = "123456789"
_PATH = re.compile(
    r"^/([a-z]{2})/rss/customerreviews/page=(\d+)/id=(\d+)/sortby=mostrecent/(json|xml)$"
)


class ThisPeer(WebPeer):
    """Reviews are listed newest first; an edited one moves to the front."""

    def serve(self) -> None:
        self.reviews: dict[str, list[dict[str, str]]] = {}
        self.speaks = "json"
        self.shows_app = False
        self.bare_single = True
        self.down: dict[str, Reply] = {}
        self._next = 6_000_000_000
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "app_id": APP,
            "countries": ["us"],
            "allow_private_addresses": True,
        }

    def add(self, text: str, country: str = "us", rating: str = "2") -> str:
        self._next += 7
        entry = {"id": str(self._next), "text": text, "rating": rating}
        self.reviews.setdefault(country, []).insert(0, entry)
        return entry["id"]

    def edit(self, text: str, changed: str) -> None:
        for listed in self.reviews.values():
            for entry in list(listed):
                if entry["text"] == text:
                    entry["text"] = changed
                    listed.remove(entry)
                    listed.insert(0, entry)

    def remove(self, text: str) -> None:
        for listed in self.reviews.values():
            listed[:] = [entry for entry in listed if entry["text"] != text]

    def _answer(self, request: Request) -> Reply:
        match = _PATH.match(request.path)
        if match is None:
            return Reply.html("<h1>Not found</h1>", 404)
        country, page = match[1], int(match[2])
        if country in self.down:
            return self.down[country]
        if page > 10:
            return Reply(200, b"CustomerReviews RSS page depth is limited to 10")
        listed = self.reviews.get(country, []) if match[3] == APP else []
        chosen = listed[(page - 1) * 50 : page * 50]
        if self.speaks == "xml":
            return Reply(200, _xml(chosen).encode(), {"Content-Type": "text/xml; charset=UTF-8"})
        body = _json(chosen, country, page)
        if self.shows_app:
            body["feed"]["entry"] = [APP_ENTRY, *map(_entry, chosen)]
        elif len(chosen) == 1 and self.bare_single:
            body["feed"]["entry"] = _entry(chosen[0])
        kind = {"Content_Type": "text/javascript; charset=utf-8"}
        return Reply.json(body, **kind)


APP_ENTRY: dict[str, Any] = {
    "im:name": {"label": "Harbour Coffee"},
    "im:image": [{"label": "https://example.com/53.png", "attributes": {"height": "53"}}],
    "im:artist": {"label": "Harbour Ltd"},
    "title": {"label": "Harbour Coffee - Harbour Ltd"},
    "id": {"label": "https://apps.example/app/id123456789", "attributes": {"im:id": APP}},
}


def _entry(entry: dict[str, str]) -> dict[str, Any]:
    return {
        "author": {
            "uri": {"label": f"https://itunes.apple.com/us/reviews/id{entry['id'][-6:]}"},
            "name": {"label": "Ada"},
            "label": "",
        },
        "im:version": {"label": "1.2"},
        "im:rating": {"label": entry["rating"]},
        "id": {"label": entry["id"]},
        "title": {"label": "Cold coffee"},
        "content": {"label": entry["text"], "attributes": {"type": "text"}},
        "link": {"attributes": {"rel": "related", "href": "https://itunes.apple.com/us/review"}},
        "im:voteSum": {"label": "0"},
        "im:contentType": {"attributes": {"term": "Application", "label": "Application"}},
        "im:voteCount": {"label": "0"},
    }


def _json(chosen: list[dict[str, str]], country: str, page: int) -> dict[str, Any]:
    following = f"https://itunes.apple.com/{country}/rss/customerreviews/page={page}/xml"
    feed: dict[str, Any] = {
        "author": {"name": {"label": "iTunes Store"}, "uri": {"label": "http://www.apple.com/"}},
        "updated": {"label": "2026-03-01T09:26:10-07:00"},
        "title": {"label": "iTunes Store: Customer Reviews"},
        "link": [{"attributes": {"rel": "next", "href": following}}],
        "id": {"label": following},
    }
    if chosen:
        feed["entry"] = [_entry(one) for one in chosen]
    return {"feed": feed}


def _xml(chosen: list[dict[str, str]]) -> str:
    entries = "".join(
        f"<entry><updated>2026-02-28T07:35:33-07:00</updated><id>{one['id']}</id>"
        f"<title>Cold coffee</title><content type='text'>{escape(one['text'])}</content>"
        f"<im:contentType term='Application' label='Application'/>"
        f"<im:voteSum>0</im:voteSum><im:voteCount>0</im:voteCount>"
        f"<im:rating>{one['rating']}</im:rating><im:version>1.2</im:version>"
        f"<author><name>Ada</name><uri>https://itunes.apple.com/us/reviews/id77</uri></author>"
        f"<link rel='related' href='https://itunes.apple.com/us/review?id=1'/>"
        f"<content type='html'>&lt;b&gt;{escape(escape(one['text']))}&lt;/b&gt;</content></entry>"
        for one in chosen
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><feed xmlns:im='http://itunes.apple.com/rss' "
        "xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><id>https://x.example/xml</id>"
        f"<title>iTunes Store: Customer Reviews</title>{entries}</feed>"
    )
