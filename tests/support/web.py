"""The web queue served for real, and a browser without a screen to ask it with."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests
import uvicorn
from bs4 import BeautifulSoup, Tag

from monitor.app import App
from monitor.web.access import make_link
from monitor.web.app import create_app


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve the pages of `app` on a free port; yield their address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        create_app(app), log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


class Page:
    """One answer, and what a person would find on it."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.url = answer.url
        self.html = answer.text
        self.answer = answer
        self.soup = BeautifulSoup(answer.text, "html.parser")

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    def find(self, selector: str) -> Tag:
        found = self.soup.select_one(selector)
        assert found is not None, f"nothing on the page is {selector}"
        return found

    def has(self, selector: str) -> bool:
        return self.soup.select_one(selector) is not None

    def words(self, selector: str) -> str:
        return " ".join(self.find(selector).get_text(" ").split())

    def fields(self, action: str) -> dict[str, str]:
        """What the form whose action ends so would send, untouched."""
        form = next(
            form for form in self.soup.select("form") if str(form["action"]).endswith(action)
        )
        told: dict[str, str] = {}
        for field in form.select("input[name]"):
            if field.get("type") not in ("radio", "checkbox") or field.has_attr("checked"):
                told[str(field["name"])] = str(field.get("value", ""))
        for area in form.select("textarea[name]"):
            # A browser drops the line break right after the tag.
            told[str(area["name"])] = area.get_text().removeprefix("\n")
        return told


class Browser:
    """Asks like a browser: keeps cookies, follows redirects. Close it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str, **options: Any) -> Page:
        return Page(self._session.get(self.address + path, timeout=20, **options))

    def post(self, path: str, fields: Any = None, **options: Any) -> Page:
        return Page(self._session.post(self.address + path, data=fields, timeout=20, **options))

    def ask(self, method: str, path: str, **options: Any) -> Page:
        return Page(self._session.request(method, self.address + path, timeout=20, **options))

    def act(self, page: Page, action: str, **changed: str) -> Page:
        """Press a button: send the form, with what a person changed in it."""
        form = next(
            form for form in page.soup.select("form") if str(form["action"]).endswith(action)
        )
        return self.post(str(form["action"]), {**page.fields(action), **changed})

    def sign_in(self, app: App, name: str = "Mara") -> Page:
        link = make_link(app.database, self.address, name, app.clock(), timedelta(hours=1))
        path = link.removeprefix(self.address)
        return self.act(self.get(path), path)

    @property
    def cookies(self) -> Any:
        return self._session.cookies

    def close(self) -> None:
        self._session.close()
