"""Hacker News as its two services show it: Algolia's search by date, and the item service.

The search looks only at the query, the tags, the window and the page, as the real one does; it
shows 1,000 hits of a window at most.
"""

from __future__ import annotations

import html
import re
from typing import Any

from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, WebPeer

CEILING = 1000
START = int(NOW.timestamp()) - 3600


class ThisPeer(WebPeer):
    def serve(self) -> None:
        self.items: dict[int, dict[str, Any]] = {}
        self.hits_per_page_at_most = 1000
        self.server.otherwise(self._answer)
        self.settings = {
            "base_url": self.server.url,
            "queries": ["coffee"],
            "allow_private_addresses": True,
        }

    def add(self, text: str) -> None:
        self.write(text)

    def edit(self, text: str, changed: str) -> None:
        """The name stays in the text, for otherwise no search would find it."""
        self._find(text)["text"] = html.escape(f"{changed} (coffee)")

    def remove(self, text: str) -> None:
        """What is deleted leaves the search, and the item keeps neither author nor text."""
        item = self._find(text)
        item.update(deleted=True)
        del item["text"], item["by"]

    def write(self, text: str, **said: Any) -> dict[str, Any]:
        number = 40_000_000 + len(self.items)
        item = {
            "id": number,
            "type": "comment",
            "by": "ada",
            "text": html.escape(text),
            "time": START + len(self.items),
            "parent": 39_000_000,
            "story": 39_000_000,
            **said,
        }
        self.items[number] = item
        return item

    def _find(self, text: str) -> dict[str, Any]:
        escaped = html.escape(text)
        return next(i for i in self.items.values() if escaped in i.get("text", ""))

    def _answer(self, request: Request) -> Reply:
        if request.path == "/api/v1/search_by_date":
            return self._search(request)
        if match := re.fullmatch(r"/v0/item/(\d+)\.json", request.path):
            return Reply.json(self.items.get(int(match[1])))
        return Reply.json({"error": "Not found"}, 404)

    def _search(self, request: Request) -> Reply:
        words = request.get("query").strip('"').casefold()
        tags = request.get("tags")
        kinds = set(tags.strip("()").split(","))
        chosen = []
        for item in self.items.values():
            named = {item["type"], f"author_{item.get('by')}", f"story_{item.get('story')}"}
            wanted = bool(kinds & named) if tags.startswith("(") else kinds <= named
            said = f"{item.get('title', '')} {item.get('text', '')} {item.get('url', '')}"
            fits = words in said.casefold()  # beginnings of words fit too: the search is fuzzy
            if wanted and fits and not item.get("deleted") and self._within(request, item["time"]):
                chosen.append(item)
        chosen.sort(key=lambda item: (item["time"], item["id"]), reverse=True)
        size = min(int(request.get("hitsPerPage", "20")), self.hits_per_page_at_most)
        page = int(request.get("page", "0"))
        shown = chosen[:CEILING]
        return Reply.json(
            {
                "hits": [hit_of(item) for item in shown[page * size : (page + 1) * size]],
                "nbHits": len(chosen),
                "page": page,
                "nbPages": -(-len(shown) // size),
                "hitsPerPage": size,
                "exhaustiveNbHits": True,
                "query": request.get("query"),
                "params": "",
                "processingTimeMS": 1,
            }
        )

    @staticmethod
    def _within(request: Request, time: int) -> bool:
        for condition in filter(None, request.get("numericFilters").split(",")):
            match = re.fullmatch(r"created_at_i(>=|<=|>|<)(\d+)", condition)
            assert match, condition
            limit = int(match[2])
            fits = {
                ">=": time >= limit,
                "<=": time <= limit,
                ">": time > limit,
                "<": time < limit,
            }
            if not fits[match[1]]:
                return False
        return True


def hit_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as the search shows it."""
    comment = item["type"] == "comment"
    return {
        "objectID": str(item["id"]),
        "created_at": "2026-03-01T11:00:00Z",
        "created_at_i": item["time"],
        "author": item["by"],
        "title": item.get("title"),
        "url": item.get("url"),
        "story_text": None if comment else item.get("text"),
        "comment_text": item["text"] if comment else None,
        "points": None,
        "num_comments": None,
        "story_id": item.get("story"),
        "story_title": "A story of something else" if comment else None,
        "story_url": None,
        "parent_id": item.get("parent"),
        "_tags": [item["type"], f"author_{item['by']}"],
        "_highlightResult": {},
    }
