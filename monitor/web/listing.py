"""The list of cases at the left: which ones, in what order, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import Request

from monitor.web.problems import BAD_FORM, Problem, Refused
from monitor.web.site import Site
from monitor.web.words import Times
from responders.views import CaseLine

STATES = {
    "drafted": "To approve",
    "snoozed": "Put off",
    "open": "Everything open",
    "opened": "Draft being made",
    "approved": "Approved, on its way",
    "answered": "Answered",
    "closed": "Closed",
    "dismissed": "Dismissed",
    "all": "All cases",
}
OPEN = ("opened", "drafted", "snoozed", "approved")
EMPTY = {
    "drafted": ("Nothing waits for you", "New complaints appear here by themselves, drafts ready."),
    "snoozed": ("No case is put off", "Cases that can wait are put off on their page."),
    "open": ("No case is open", "New complaints appear here by themselves."),
    "opened": ("No draft is being made", "Drafts are ready within seconds of a complaint."),
    "approved": ("No reply is on its way", "What you approve passes here until it is published."),
    "answered": ("Nothing is answered yet", "Approve a draft, and its case comes here."),
    "closed": ("No case is closed", "A case closes when the customer is content, or by a person."),
    "dismissed": ("No case was dismissed", "Cases that were no complaints come here."),
    "all": ("No complaint was found yet", "See on the sources page whether everything is heard."),
}
PAGE = 100
MOST = 2_000
SEARCH_MAX = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """What is listed. It lives in the URL, so that a list can be kept and sent on."""

    state: str = "drafted"
    search: str = ""
    limit: int = PAGE
    mine: bool = False

    @classmethod
    def of(cls, request: Request) -> Filter:
        """Read it from the query; raise `Refused` when it names what does not exist."""
        return cls.read(
            request.query_params.get("state", ""),
            request.query_params.get("q", ""),
            request.query_params.get("n", ""),
            request.query_params.get("mine", ""),
        )

    @classmethod
    def read(cls, state: str, search: str, limit: str = "", mine: str = "") -> Filter:
        """Read it from its four words; empty ones mean the usual."""
        state = state or "drafted"
        search = " ".join(search.replace("\0", "").split())
        if state not in STATES:
            raise Refused(_wrong("there is no list of that name"))
        if len(search) > SEARCH_MAX:
            raise Refused(_wrong(f"a search takes at most {SEARCH_MAX} characters"))
        if limit and not (limit.isascii() and limit.isdigit() and 0 < int(limit[:5]) <= MOST):
            raise Refused(_wrong(f"a list has 1 to {MOST:,} cases"))
        return cls(state, search, int(limit) if limit else PAGE, mine == "1")

    @property
    def query(self) -> dict[str, object]:
        """The fields of the URL; what is usual is left out."""
        return {
            "state": "" if self.state == "drafted" else self.state,
            "q": self.search,
            "n": "" if self.limit == PAGE else self.limit,
            "mine": "1" if self.mine else "",
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list with its times told where it happened."""

    line: CaseLine
    times: Times


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as a page shows it. `total` counts the state, whatever is searched for."""

    wanted: Filter
    rows: tuple[Row, ...]
    more: bool
    counts: dict[str, int]

    @property
    def overdue(self) -> int:
        """How many of the shown are overdue."""
        return sum(row.line.overdue for row in self.rows)

    @property
    def empty_words(self) -> tuple[str, str]:
        """What an empty list says: that it is empty, and what comes next."""
        return EMPTY[self.wanted.state]

    def after(self, case_id: int) -> CaseLine | None:
        """Return the case to go on with when this one is decided: the next in the list."""
        lines = [row.line for row in self.rows]
        at = next((at for at, line in enumerate(lines) if line.id == case_id), -1)
        others = lines[at + 1 :] + lines[: max(at, 0)]
        return others[0] if others else None


def make_listing(site: Site, wanted: Filter, person: str) -> Listing:
    """Read the list from the queue, what is due first on top; `person` is who looks at it."""
    queue = site.app.queue
    lines = queue.lines(
        state=wanted.state,
        search=wanted.search,
        limit=wanted.limit + 1,
        assignee=person if wanted.mine else None,
    )
    counts = queue.counts()
    counts["open"] = sum(counts.get(state, 0) for state in OPEN)
    counts["all"] = sum(count for state, count in counts.items() if state != "open")
    return Listing(
        wanted=wanted,
        rows=tuple(
            Row(line, site.times(line.brand, line.location)) for line in lines[: wanted.limit]
        ),
        more=len(lines) > wanted.limit,
        counts={state: counts.get(state, 0) for state in STATES},
    )


def _wrong(happened: str) -> Problem:
    return replace(
        BAD_FORM,
        heading="That list does not exist",
        happened=f"The address asks for a list in a way that is not known: {happened}.",
        remedy="Go on from the queue.",
    )
