"""A Stack Exchange site as a source: reads questions and hits, comments or answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.dates import parse_date, utc_now
from connectors.errors import (
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.http import Http
from connectors.stackexchange import replies, walks
from connectors.stackexchange.posts import id_of, mention_of, number_of
from connectors.stackexchange.settings import StackExchangeSettings
from connectors.stackexchange.wrapper import Wrapped, explain, until_renewed, unwrap
from connectors.text import html_to_text, one_line, unescape

PAGE = 100
MOST_COMMENT_PAGES = 10


class StackExchangeConnector(BaseConnector):
    """Speaks to one site, with or without the token of a person who answers.

    Questions of a tag are listed by activity, which tells of new and of edited ones; a search is
    listed by creation. The cursor holds for each stream what `connectors.stackexchange.walks` says,
    ``at`` in an unfinished round the stream that is next, and ``rest_until`` the moment before
    which the interface wants no call.
    """

    name = "stackexchange"

    def __init__(self, settings: StackExchangeSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._context = context
        self._now: Callable[[], datetime] = context.now or utc_now
        self._own: int | None = None
        self._rest_until = 0.0
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explain,
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        names = [f"tag:{tag}" for tag in self._settings.tags]
        names += [f"search:{words}" for words in self._settings.searches]
        self._rest(cursor)
        kept = cursor.get("streams")
        state = {k: v for k, v in kept.items() if k in names} if isinstance(kept, dict) else {}
        start = cursor.get("at")
        first = names.index(start) if start in names else 0
        for position, name in enumerate(names[first:], first):
            before = state.get(name)
            begin = self._context.first_moment(self._now(), self._settings.history_days)
            walk = walks.begun(before, begin, name)
            found = self._listed(name, walk)
            state[name], more = walks.gone_on(walk, found.items, found.has_more, name)
            same = not more and state[name] == before
            mentions, problems = ([], []) if same else self._mentions(name, found)
            following = name if more else names[position + 1] if position + 1 < len(names) else ""
            rests = until_renewed(self._now()) if found.spent else found.backoff
            if rests is None and following and not mentions and not problems and not more:
                continue
            moving: dict[str, Any] = {"streams": state}
            if following:
                moving["at"] = following
                if rests is not None:
                    moving["rest_until"] = self._now().timestamp() + rests.total_seconds()
            if rests is not None:
                self._rest_until = self._now().timestamp() + rests.total_seconds()
            return Page(
                tuple(mentions),
                moving,
                more=bool(following),
                problems=tuple(problems),
                unchanged=not mentions and not problems and moving == dict(cursor),
                poll_no_sooner_than=rests,
                account_rests=rests,
            )
        return Page((), {"streams": state}, unchanged={"streams": state} == dict(cursor))

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read the post; a deleted one is absent from the answer."""
        ident = _ident(ref.external_id)
        asked = {"filter": "withbody", "pagesize": PAGE}
        if ref.raw.get("type") == "question" and self._settings.reply_as == "answer":
            # Only this one tells whether the question is closed to answers.
            found = self._get(f"/questions/{ident}", asked)
        else:
            found = self._get(f"/posts/{ident}", asked)
        for item in found.items:
            if id_of(item) == ident:
                try:
                    return self._mention(item, ref.raw)
                except ValueError as error:
                    raise LayoutChanged(f"post {ident}: {error}") from None
        if found.items:
            raise LayoutChanged(f"{self._base} answered another post than the one asked for")
        return None

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Write a comment below the post, or an answer to its question, as the settings say."""
        self._need_token()
        most = replies.LIMITS[self._settings.reply_as][1]
        if self.measure(text) > most:
            raise Rejected(f"the reply has {self.measure(text):,} characters, {most:,} fit")
        ident = _ident(ref.external_id)
        if self._settings.reply_as == "answer":
            path = f"/questions/{self._question(ref)}/answers/add"
        else:
            path = f"/posts/{ident}/comments/add"
        form = {"body": text, "filter": "withbody", **self._parameters(), **self._token()}
        try:
            answer = self._http.write("POST", self._base + path, data=form)
        except Rejected:
            # The interface refuses a post that is gone as it refuses a wrong parameter.
            if self.read(ref) is None:
                raise Gone("the post is no longer there") from None
            raise
        try:
            items = unwrap(answer).items
            return self._receipt(items[0])
        except (LayoutChanged, ValueError, IndexError) as error:
            raise UnknownOutcome("the site took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among the comments (or answers) for one of ours with this text.

        Raises `Gone` when the post itself is gone.
        """
        self._need_token()
        own = self._account()
        if self._settings.reply_as == "answer":
            path = f"/questions/{self._question(ref)}/answers"
        else:
            path = f"/posts/{_ident(ref.external_id)}/comments"
        for page in range(1, MOST_COMMENT_PAGES + 1):
            asked = {"filter": "withbody", "order": "desc", "sort": "creation"}
            found = self._get(path, {**asked, "pagesize": PAGE, "page": page})
            for item in found.items:
                owner = item.get("owner") if isinstance(item, dict) else None
                user = number_of(owner.get("user_id")) if isinstance(owner, dict) else 0
                if user == own and replies.same_reply(str(item.get("body") or ""), text):
                    return self._receipt(item)
            if not found.has_more:
                break
        if self.read(ref) is None:
            raise Gone("the post is no longer there")
        return None

    def measure(self, text: str) -> int:
        return len(text)

    def objections(self, text: str) -> tuple[str, ...]:
        return replies.objections(text, self._settings.reply_as, self._settings.affiliation)

    def verify(self) -> Health:
        """Ask for the site, or with a token for the account: one call."""
        if self._settings.access_token is None:
            self._get("/info")
            return Health(
                True,
                f"reads {self._settings.site}; answers are given there by hand",
                "" if self._settings.key else "A key from stackapps.com allows 10,000 requests",
            )
        name = one_line(unescape(str(self._me().get("display_name") or "")))
        most = replies.LIMITS[self._settings.reply_as][1]
        return Health(
            True,
            f"reads {self._settings.site} and may {self._settings.reply_as} as {name}, "
            f"{most:,} characters",
        )

    def close(self) -> None:
        self._http.close()

    def _rest(self, cursor: Cursor) -> None:
        """Raise `RateLimited` while the interface wants to be left alone."""
        said = cursor.get("rest_until")
        until = max(self._rest_until, said if isinstance(said, int | float) else 0.0)
        left = until - self._now().timestamp()
        if left > 0:
            raise RateLimited("the interface asked for a pause", timedelta(seconds=left))

    def _listed(self, name: str, walk: Mapping[str, Any]) -> Wrapped:
        asked: dict[str, Any] = {"order": "desc", "pagesize": PAGE, "page": walk["page"]}
        kind, _, what = name.partition(":")
        if kind == "tag":
            asked |= {"sort": "activity", "min": walk["since"], "tagged": what}
            return self._get("/questions", {**asked, "filter": "withbody"})
        asked |= {"sort": "creation", "fromdate": walk["since"], "q": what}
        return self._get("/search/excerpts", asked)

    def _mentions(self, name: str, found: Wrapped) -> tuple[list[FoundMention], list[Problem]]:
        bodies: dict[int, Any] = {}
        if name.startswith("search:"):
            bodies = self._bodies([ident for item in found.items if (ident := id_of(item))])
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, item in enumerate(found.items, 1):
            try:
                whole = bodies.get(id_of(item))
                mention = self._mention({**item, **whole} if isinstance(whole, dict) else item)
            except ValueError as error:
                problems.append(Problem(f"{name} item {number}", str(error)))
                continue
            token = self._settings.access_token
            if token is None or mention.author_id != str(self._account()):
                mentions.append(mention)
        return mentions, problems

    def _bodies(self, ids: list[int]) -> dict[int, Any]:
        """Return the whole posts of a page of hits, asked for together."""
        if not ids:
            return {}
        joined = ";".join(map(str, dict.fromkeys(ids[:PAGE])))
        try:
            found = self._get(f"/posts/{joined}", {"filter": "withbody", "pagesize": PAGE})
        except (Gone, Rejected, LayoutChanged):
            return {}  # the excerpts say enough; a direct read tells the rest
        if found.backoff is not None:
            until = self._now().timestamp() + found.backoff.total_seconds()
            self._rest_until = max(self._rest_until, until)
        return {id_of(item): item for item in found.items}

    def _mention(self, item: Any, known: Mapping[str, Any] | None = None) -> FoundMention:
        return mention_of(item, self._settings.site, known=known, reply_as=self._settings.reply_as)

    def _question(self, ref: MentionRef) -> int:
        question = number_of(ref.raw.get("question_id"))
        if question or ref.raw.get("type") == "question":
            return question or _ident(ref.external_id)
        found = self._get(f"/answers/{_ident(ref.external_id)}")
        for item in found.items:
            if question := number_of(item.get("question_id") if isinstance(item, dict) else 0):
                return question
        return _ident(ref.external_id)

    def _receipt(self, item: Any) -> Receipt:
        if not isinstance(item, dict):
            raise ValueError("no post")
        ident = number_of(item.get("comment_id")) or number_of(item.get("answer_id"))
        if not ident:
            raise ValueError("no id")
        post = number_of(item.get("post_id"))
        link = str(item.get("link") or "")
        if not link and post and item.get("comment_id"):
            link = f"{mention_of({'post_id': post, 'body': '-'}, self._settings.site).url}"
        prefix = "comment-" if item.get("comment_id") else ""
        return Receipt(
            "visible",
            external_id=f"{prefix}{ident}",
            url=link,
            at=parse_date(item.get("creation_date")),
            text=html_to_text(str(item.get("body") or "")),
        )

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Wrapped:
        asked = {**(params or {}), **self._parameters()}
        return unwrap(self._http.get(self._base + path, params=asked))

    def _me(self) -> Mapping[str, Any]:
        items = self._get("/me", self._token()).items
        if not items or not isinstance(items[0], dict):
            raise LayoutChanged(f"{self._base} answered no account")
        return items[0]

    def _account(self) -> int:
        if self._own is None:
            self._own = number_of(self._me().get("user_id"))
            if not self._own:
                raise LayoutChanged(f"{self._base} answered an account without an id")
        return self._own

    def _parameters(self) -> dict[str, str]:
        """The site and the key; the interface takes both in the query only."""
        key = self._settings.key
        return {"site": self._settings.site, **({"key": key.reveal()} if key else {})}

    def _token(self) -> dict[str, str]:
        token = self._settings.access_token
        return {"access_token": token.reveal()} if token else {}

    def _need_token(self) -> None:
        if self._settings.access_token is None:
            raise NotSupported("without an access token nothing can be written; answer there")


def _ident(said: str) -> int:
    if not number_of(said):
        raise Rejected("this is no id of a post")
    return number_of(said)
