"""One app's public reviews in several countries as a source."""

from __future__ import annotations

from connectors.appstore.entries import FeedPage, read_page
from connectors.appstore.progress import Progress
from connectors.appstore.settings import AppStoreSettings
from connectors.base import BaseConnector, Context, Cursor, Health, Page, Problem
from connectors.errors import ConnectorError, Gone, LayoutChanged, Rejected, Unavailable
from connectors.http import Http
from connectors.waits import exhausted


class AppStoreConnector(BaseConnector):
    """Reads the feed of customer reviews, one page of one country a call.

    The feed's own links are not followed: they lead to another format, and on the last page to
    itself. A country that fails while others answer is told as a problem, so that it does not
    keep the others waiting; when all fail, the failure is raised.
    """

    name = "appstore"

    def __init__(self, settings: AppStoreSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json, text/javascript, application/atom+xml;q=0.5"},
            now=context.now,
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        today = self._http.now().date().isoformat()
        progress = Progress.at(cursor, self._settings.countries, today)
        try:
            answer = self._http.get(self._address(progress.country, progress.page))
            found = read_page(answer, progress.country)
        except (Gone, Rejected, Unavailable, LayoutChanged) as error:
            return self._gone_on(progress, error)
        problems = found.problems + self._silence(progress, found)
        ids = [mention.external_id for mention in found.mentions]
        last = progress.is_last
        rests = exhausted(answer.headers, self._http.now())
        if progress.is_read_enough(ids, self._settings.pages):
            state = progress.leave(ids)
            return Page(found.mentions, state, not last, problems, account_rests=rests)
        return Page(found.mentions, progress.turn_page(ids), True, problems, account_rests=rests)

    def verify(self) -> Health:
        """Prove that the first country's feed answers."""
        country = self._settings.countries[0]
        found = read_page(self._http.get(self._address(country, 1)), country)
        stores = ", ".join(self._settings.countries)
        if not found.mentions:
            return Health(
                True,
                f"the feed answers, and shows no review of app {self._settings.app_id} "
                f"in {country}",
                "Check app_id and countries; an unknown app looks just like one without reviews",
            )
        return Health(
            True, f"reads the reviews of app {self._settings.app_id} in {stores}; cannot answer"
        )

    def close(self) -> None:
        self._http.close()

    def _gone_on(self, progress: Progress, error: ConnectorError) -> Page:
        """Return the way to the next country, or raise `error` where no country is left.

        A country that Apple refuses for good does not count as an outage, and a further page
        that it refuses ends the country.
        """
        lost = isinstance(error, Unavailable | LayoutChanged)
        where, last = f"{progress.country} page {progress.page}", progress.is_last
        if not lost and progress.page > 1:
            return Page((), progress.leave(()), not last, (Problem(where, str(error)),))
        alone = len(progress.countries) == 1
        if alone or (lost and progress.is_last and progress.failed == len(progress.countries) - 1):
            raise error
        progress.seen = []
        state = progress.leave((), failed=lost)
        return Page((), state, not last, (Problem(where, str(error)),))

    def _silence(self, progress: Progress, found: FeedPage) -> tuple[Problem, ...]:
        if progress.page > 1 or found.mentions or not progress.known.get(progress.country):
            return ()
        reason = "shows no review although there were some; nothing is taken for deleted"
        return (Problem(f"{progress.country} page 1", reason),)

    def _address(self, country: str, page: int) -> str:
        what = f"page={page}/id={self._settings.app_id}/sortby=mostrecent/json"
        return f"{self._base}/{country}/rss/customerreviews/{what}"
