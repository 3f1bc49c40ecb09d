"""The locations of a Google Business Profile account as a source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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
from connectors.errors import (
    AuthFailed,
    BadSettings,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
)
from connectors.google import TOKEN_URL, GoogleApi, refresh_token_grant, root_of
from connectors.googlebusiness.listing import TOGETHER, Group, entries_of, named, newest_first
from connectors.googlebusiness.reviews import (
    REVIEW,
    mention_of,
    name_of,
    original,
    receipt_of,
)
from connectors.googlebusiness.settings import (
    ACCOUNT,
    ACCOUNTS,
    INFORMATION,
    LOCATION,
    GoogleBusinessSettings,
)
from connectors.googlebusiness.state import State
from connectors.googlefaults import RATES, Fault, no_access, said
from connectors.text import clip, one_line, same_text

LONGEST = 4096
"""UTF-8 bytes in a reply."""
PAGE_SIZE = 50
LAG = timedelta(days=3)
"""Reviews that Google held back for checking appear later under the time they were written."""
FORM = (
    'send Google the form "Application for Basic API Access" for this Cloud project; until it is '
    "approved every call is refused"
)
_ORDER = "updateTime desc"


class Denied(AuthFailed):
    """Google knows us and refuses this very thing, such as a location of somebody else."""


class GoogleBusinessConnector(BaseConnector):
    """Speaks to the Business Profile API with a person's refresh token.

    The cursor holds a round (`connectors.rounds`) for each group of locations. One location is
    listed by itself; several of one account are asked for together, fifty at a time. Other
    locations in a group make it another group, which is read from its beginning.
    """

    name = "googlebusiness"

    def __init__(self, settings: GoogleBusinessSettings, context: Context) -> None:
        self._settings = settings
        self._root = root_of(settings.base_url, "/v4")
        self._answered = False
        self._api = GoogleApi(
            context,
            name="googlebusiness",
            token_url=settings.beside(settings.token_url, TOKEN_URL),
            grant=refresh_token_grant(
                settings.client_id, settings.client_secret, settings.refresh_token
            ),
            special=_explain,
            allow_private=settings.allow_private_addresses,
        )

    def fetch(self, cursor: Cursor) -> Page:
        """Return the next page of one group of locations, newest reviews first.

        Raises `BadSettings` where no location is named, and `AuthFailed` with the name of
        Google's form where the project seems not to be approved.
        """
        state = State.resume(cursor, self._settings.locations)
        if not state.groups:
            raise BadSettings("no location is named; `rapport check` lists those you manage")
        group, before = state.group, state.round
        try:
            found = self._told(
                lambda: self._list(group, before.token), known=bool(cursor), denied=Denied
            )
        except (Gone, Denied, Rejected) as error:
            return self._refused(state, error)
        for name in group.locations:
            state.silent.pop(name, None)
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for location, review in entries_of(found, group, first=not before.token):
            try:
                mentions.append(mention_of(review, location, self._settings.names))
            except ValueError as error:
                problems.append(Problem(f"a review of {location or group.account}", str(error)))
        times = [one.edited_at or one.created_at for one in mentions]
        enough = before.behind(times, LAG) and (len(group.locations) == 1 or newest_first(mentions))
        step = before.turn(
            [one.external_id for one in mentions],
            times,
            said(found, "nextPageToken"),
            enough=enough,
            now=self._api.now(),
        )
        if step.circling:
            problems.append(Problem(group.key, "Google repeats a page; the rest was not shown"))
        state.rounds[group.key] = step.round
        more = state.pass_on() if step.finished else True
        return Page(tuple(mentions), state.cursor(), more, tuple(problems))

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read one review, with a reply that Google still checks: ours would replace it."""
        review = self._review(ref)
        if review is None:
            return None
        try:
            return mention_of(review, _place(ref), self._settings.names, pending=True)
        except ValueError as error:
            raise LayoutChanged(f"{_place(ref)}: {error}") from error

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Put `text` under the review, instead of what stands there. Google then moderates it."""
        length = self.measure(text)
        if length > LONGEST:
            raise Rejected(f"the reply has {length} bytes, {LONGEST} fit")
        if self.objections(text):
            raise Rejected("the reply is empty")
        name = _checked(ref)
        found = self._told(
            lambda: self._api.write("PUT", f"{self._root}/{name}/reply", {"comment": text}),
            known=True,
        )
        return receipt_of(name, found, missing="accepted")

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look for our reply with this text, and how Google judged it.

        Raises `Gone` when the review itself is gone, because then nobody can tell.
        """
        review = self._review(ref)
        if review is None:
            raise Gone("the review is not there any more")
        reply = review.get("reviewReply")
        if not isinstance(reply, dict) or not same_text(original(said(reply, "comment")), text):
            return None
        return receipt_of(_checked(ref), reply, missing="visible")

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Delete our reply to the review, whichever of ours it is."""
        name = _checked(ref)

        def delete() -> dict[str, Any]:
            self._api.delete(f"{self._root}/{name}/reply")
            return {}

        self._told(delete, known=True)

    def measure(self, text: str) -> int:
        return len(text.encode("utf-8", "surrogatepass"))

    def objections(self, text: str) -> tuple[str, ...]:
        return () if text.strip() else ("an empty reply",)

    def verify(self) -> Health:
        """Prove that the first location can be read; without one, list those there are."""
        if not self._settings.locations:
            return self._discover()
        group = Group("", self._settings.locations[:1])
        found = self._told(lambda: self._list(group, "", size=1), known=False)
        entries_of(found, group, first=True)
        count = len(self._settings.locations)
        total = found.get("totalReviewCount")
        total = total if type(total) is int else 0
        return Health(
            True,
            f"reads {count} location{'s' * (count != 1)}, the first with {total} "
            f"review{'s' * (total != 1)}, "
            f"and may answer with {LONGEST} bytes",
        )

    def close(self) -> None:
        self._api.close()

    def _refused(self, state: State, error: ConnectorError) -> Page:
        """Return how to go on after a refusal; raise it where it is the whole account's.

        A page token may have been forgotten. A location that is gone, or no longer ours, spoils
        the question for all that are asked with it, so then each is asked for by itself; what
        is refused alone is told once, and the others go on.
        """
        fresh = state.round.restarted() if isinstance(error, Rejected) else None
        if fresh is not None:
            state.rounds[state.group.key] = fresh
            return Page((), state.cursor(), more=True)
        alone = len(state.group.locations) == 1
        if len(state.locations) == 1 or (state.all_silent and (not alone or state.is_last)):
            if not self._one_answers(state):
                raise AuthFailed(str(error)) if isinstance(error, Denied) else error
            alone = False
        if not alone:
            state.part()
            return Page((), state.cursor(), more=True)
        [name] = state.group.locations
        reason = "it is not there" if isinstance(error, Gone) else "Google refuses it"
        told = state.silent.get(name) == reason
        state.silent[name] = reason
        problems = () if told else (Problem(name, f"{reason}; see who manages it"),)
        more = state.pass_on()
        return Page((), state.cursor(), more, problems)

    def _one_answers(self, state: State) -> bool:
        """Tell whether one of several locations answers again, after all of them were silent."""
        for name in state.locations[:TOGETHER] if len(state.locations) > 1 else ():
            try:
                self._list(Group("", (name,)), "", size=1)
            except (Gone, Denied, Rejected):
                continue
            state.silent.pop(name, None)
            return True
        return False

    def _list(self, group: Group, token: str, size: int = PAGE_SIZE) -> dict[str, Any]:
        asked: dict[str, Any] = {"pageSize": size, "orderBy": _ORDER}
        if token:
            asked["pageToken"] = token
        if len(group.locations) == 1:
            return self._api.get(f"{self._root}/{group.locations[0]}/reviews", asked)
        asked |= {"locationNames": list(group.locations), "ignoreRatingOnlyReviews": False}
        return self._api.ask(f"{self._root}/{group.account}/locations:batchGetReviews", asked)

    def _review(self, ref: MentionRef) -> dict[str, Any] | None:
        name = _checked(ref)
        try:
            found = self._told(lambda: self._api.get(f"{self._root}/{name}"), known=True)
        except Gone:
            return None
        if not name_of(found, _place(ref)):
            raise LayoutChanged(f"{_place(ref)}: Google answered no review")
        return found

    def _told(
        self,
        call: Callable[[], dict[str, Any]],
        *,
        known: bool,
        denied: type[AuthFailed] = AuthFailed,
    ) -> dict[str, Any]:
        """Return what `call` does; a quota used up before any answer means that there is none."""
        try:
            found = call()
        except Denied as error:
            raise denied(str(error)) from None
        except RateLimited as error:
            if known or self._answered or error.retry_after is not None:
                raise
            raise AuthFailed(
                f"Google refuses every call for its quota and never answered here: {FORM}"
            ) from None
        self._answered = True
        return found

    def _discover(self) -> Health:
        """List the locations of all accounts, a hundred at most."""
        accounts = self._settings.beside(self._settings.accounts_url, ACCOUNTS)
        places = self._settings.beside(self._settings.information_url, INFORMATION)
        found = self._told(lambda: self._api.get(f"{accounts}/accounts"), known=False)
        listed: list[str] = []
        for account in named(found.get("accounts")):
            if not ACCOUNT.match(account["name"]):
                continue
            asked = {"readMask": "name,title", "pageSize": 100}
            answer = self._api.get(f"{places}/{account['name']}/locations", asked)
            for place in named(answer.get("locations")):
                name = f"{account['name']}/{place['name']}"
                if LOCATION.match(name):
                    listed.append(f"{name} ({clip(one_line(said(place, 'title')), 60)})")
            if len(listed) >= 100:
                break
        if not listed:
            return Health(
                False,
                "this Google account manages no location",
                "Let a person sign in who is an owner or manager of the Business Profile",
            )
        return Health(
            False,
            f"no location is named; there are {', '.join(listed[:100])}",
            "Put those that you want to hear under `locations`",
        )


def _explain(fault: Fault, _writing: bool) -> ConnectorError | None:
    if (fault.code == 429 or "RATE_LIMIT_EXCEEDED" in fault.reasons) and no_access(fault):
        return AuthFailed(f"Google grants this Cloud project no calls yet (quota 0): {FORM}")
    if fault.code == 403 and not fault.reasons & RATES:
        return Denied(f"Google refused us (403): {fault.message}")
    return None


def _place(ref: MentionRef) -> str:
    return ref.external_id.partition("/reviews/")[0]


def _checked(ref: MentionRef) -> str:
    if not REVIEW.match(ref.external_id) or ".." in ref.external_id:
        raise Rejected("this is no name of a review")
    return ref.external_id
