"""The drafter that asks a language model, and falls back to another drafter for any reason."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace

from monitor.log import logger
from responders.drafts import Draft, Drafter, DraftFacts
from responders.llm.allowance import Allowance, Booking
from responders.llm.answers import Question, accepted
from responders.llm.brief import SHORTEST_ANSWER, Case, case_of
from responders.llm.completion import read_completion
from responders.llm.endpoint import Endpoint
from responders.llm.prompt import question, rules
from responders.llm.rest import Rest
from responders.llm.settings import ModelSettings
from responders.llm.trouble import NoAnswer, NotAsked, Unusable
from responders.made_by import by_model

log = logger(__name__)

CHARACTERS_A_TOKEN = 3
"""A careful guess for European languages, used where the endpoint tells no count."""


def _new_fence() -> str:
    return f"~~~{secrets.token_hex(12)}~~~"


class LanguageModelDrafter:
    """Asks the model once for each draft. The fallback drafts first, so one is always at hand.

    The language of the answer, and which cases are grave, are the fallback's to say. Call it with
    no transaction open: it goes to the network, and counts in short transactions of its own.
    """

    name = "language model"

    def __init__(
        self,
        fallback: Drafter,
        settings: ModelSettings,
        endpoint: Endpoint,
        allowance: Allowance,
        rest: Rest,
        fence: Callable[[], str] = _new_fence,
    ) -> None:
        self._fallback = fallback
        self._settings = settings
        self._endpoint = endpoint
        self._allowance = allowance
        self._rest = rest
        self._fence = fence

    def draft(self, facts: DraftFacts) -> Draft:
        """Return the model's draft, or the fallback's with the reason why. Never raises."""
        plain = self._fallback.draft(facts)
        plain = replace(plain, made_by=plain.made_by or self._fallback.name)
        try:
            return self._ask(facts, plain)
        except NotAsked as error:
            reason = f"the language model was not asked: {error}"
        except NoAnswer as error:
            reason = f"the language model gave no answer: {error}"
        except Unusable as error:
            reason = f"the language model's answer was not used: {error}"
        except Exception as error:
            # Whatever else may happen in here, the customer is owed an answer. The error's own
            # text could hold the customer's, so only its kind is told.
            log.error("the language model's drafter failed: %s", type(error).__name__)
            reason = f"the language model's drafter failed: {type(error).__name__}"
        return replace(plain, reasons=(*plain.reasons, reason))

    def _ask(self, facts: DraftFacts, plain: Draft) -> Draft:
        settings = self._settings
        why_not = _why_not(facts, plain, settings)
        if why_not:
            raise NotAsked(why_not)
        self._rest.check()
        case = case_of(facts, plain.language, settings)
        if case.brief.max_characters < SHORTEST_ANSWER:
            raise NotAsked("the platform leaves too little room")
        fence = self._fence()
        body = question(case, settings, fence)
        sent = len(json.dumps(body["messages"], ensure_ascii=False)) // CHARACTERS_A_TOKEN
        booking = self._allowance.book(sent + settings.max_tokens)
        answer, tokens = self._exchange(body, booking, sent)
        asked = Question(facts, case, plain.language, rules(case, fence), fence)
        text = accepted(answer, asked)
        return Draft(
            text=text,
            language=plain.language,
            template="",
            reasons=(*plain.reasons[:1], *_told(settings, case, tokens)),
            made_by=by_model(settings.model),
        )

    def _exchange(self, body: dict[str, object], booking: Booking, sent: int) -> tuple[str, int]:
        """Ask, and settle what it cost whatever comes of it; return the answer and its tokens."""
        spent = booking.tokens
        try:
            found = self._endpoint.ask(body)
            self._rest.worked()
            completion = read_completion(found)
            guess = sent + len(completion.text) // CHARACTERS_A_TOKEN
            spent = guess if completion.tokens is None else completion.tokens
            return completion.text, spent
        except NoAnswer as error:
            spent = booking.tokens if error.tokens_unknown else 0
            self._rest.failed(error)
            raise
        except Unusable as error:
            spent = booking.tokens if error.tokens is None else error.tokens
            raise
        finally:
            self._allowance.settle(booking, spent)


def _why_not(facts: DraftFacts, plain: Draft, settings: ModelSettings) -> str:
    """Return why this case is none for a model; "" when it may be asked."""
    if not facts.may_use_ai:
        return "the platform's terms forbid it"
    if settings.brands and facts.brand_key not in settings.brands:
        return "it is not switched on for this brand"
    if settings.sources and facts.source_key not in settings.sources:
        return "it is not switched on for this source"
    if "careful" in plain.template:
        # Danger, distress, health, law: where every word counts, and often data of a kind that
        # must not leave at all. The templates admit, promise and describe nothing.
        return "the matter is grave, and only fixed wordings are used for it"
    if not facts.text.strip() and not facts.title.strip():
        return "there are no words to answer"
    return ""


def _told(settings: ModelSettings, case: Case, tokens: int) -> tuple[str, ...]:
    hidden = case.text.hidden + case.title.hidden
    places = "1 place" if hidden == 1 else f"{hidden} places"
    return (
        f"written by the language model {settings.model} for about {tokens:,} tokens",
        f"it saw the text with {places} of personal data hidden"
        if hidden
        else "it saw the text, in which no personal data was found",
        "nothing in the answer was objected to; a person must read every word all the same",
    )
