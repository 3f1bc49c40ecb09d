"""What X costs: every post and user that is read, and every answer, against a daily cap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from connectors.budgets import Budget, Meter
from connectors.errors import RateLimited
from connectors.x.length import links_in
from connectors.x.settings import XSettings

QUARTER = timedelta(minutes=15)
KEPT_FOR_ANSWERS = 0.1
REMEMBERED = 20_000
"""How many things that were paid for today are remembered."""


def budgets_of(settings: XSettings) -> tuple[Budget, ...]:
    """Return what one account may use: dollars, and calls as X limits them.

    Half of the cap may be used at once and the other half is refilled over a day, so that no
    span of 24 hours costs more than the cap (and one page, whose price is known afterwards). A
    tenth is kept for answers, which reading must not starve.
    """
    half = settings.daily_cap / 2
    day = timedelta(days=1)
    reads, kept = half * (1 - KEPT_FOR_ANSWERS), half * KEPT_FOR_ANSWERS
    return (
        Budget("reading", reads, day, unit="USD", burst=reads),
        Budget("answering", kept, day, unit="USD", burst=kept),
        Budget("calls", 300, QUARTER),
        Budget("replies", 100, QUARTER, unit="replies"),
    )


class Purse:
    """Asks for room before money is used, and books what was used.

    X charges one thing once in a UTC day, so what this process has paid for today is free. What
    another process paid for is booked twice: the cap errs on the safe side.
    """

    def __init__(self, settings: XSettings, meter: Meter, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._meter = meter
        self._now = now
        self._day: date | None = None
        self._paid: set[tuple[str, str]] = set()

    def ask(self) -> None:
        """Ask whether there is room for reading; raise `RateLimited` with the time until then."""
        try:
            self._meter.spend("reading", 0)
        except RateLimited as error:
            raise self._empty(error, "reading") from None

    def pay_answer(self, dollars: float) -> str:
        """Book what an answer costs before it is sent; return the budget that paid for it.

        Raises `RateLimited` where neither the usual budget nor the part kept for answers has room.
        """
        try:
            self._meter.spend("reading", dollars)
        except RateLimited:
            try:
                self._meter.spend("answering", dollars)
            except RateLimited as error:
                raise self._empty(error, "answering") from None
            return "answering"
        return "reading"

    def book(self, kind: str, idents: Iterable[str], price: float) -> None:
        """Book what was read and could not be known before."""
        today = self._now().date()
        if self._day != today or len(self._paid) > REMEMBERED:
            self._day, self._paid = today, set()
        fresh = {(kind, ident) for ident in idents} - self._paid
        self._paid |= fresh
        if fresh and price:
            self._meter.charge("reading", len(fresh) * price)

    def give_back(self, budget: str, dollars: float) -> None:
        """Take back what was booked and not used."""
        if dollars:
            self._meter.charge(budget, -dollars)

    def price_of_reply(self, text: str) -> float:
        """Return what an answer costs."""
        if links_in(text):
            return max(self._settings.price_reply_with_link, self._settings.price_reply)
        return self._settings.price_reply

    def _empty(self, error: RateLimited, budget: str) -> RateLimited:
        message = f"today's cap of ${self._settings.daily_cap:g} is used up"
        return RateLimited(message, error.retry_after, budget=budget)


def price_of_page(settings: XSettings, stream: str) -> float:
    """Return the most that one page of a stream can cost."""
    post = settings.price_owned if stream == "mentions" else settings.price_post
    user = settings.price_user if settings.author_names else 0.0
    return settings.page_size * (post + user)
