"""Proves that the endpoint answers, for ``rapport check``: one tiny call, nothing of a customer."""

from __future__ import annotations

from connectors.errors import AuthFailed, ConnectorError, Gone
from responders.llm.completion import read_completion
from responders.llm.endpoint import Endpoint
from responders.llm.prompt import body_of
from responders.llm.settings import ModelSettings
from responders.llm.trouble import Unusable

GREETING = "Answer with the one word: ready"
FEW_TOKENS = 16


def prove(settings: ModelSettings, endpoint: Endpoint) -> tuple[bool, str, str]:
    """Return whether the model answers, what it said of itself, and how to mend it.

    The call is not counted on the day's budget. A model that thinks aloud may use up the few
    tokens before it says a word: that it answers at all is proof enough.
    """
    body = body_of([{"role": "user", "content": GREETING}], settings, FEW_TOKENS)
    try:
        found = endpoint.ask_plainly(body)
    except AuthFailed as error:
        return False, str(error), "set language_model.api_key to a key that this endpoint takes"
    except Gone as error:
        return False, str(error), "check language_model.url (with /v1) and language_model.model"
    except ConnectorError as error:
        return False, str(error), "check language_model.url and that the model's server runs"
    try:
        read_completion(found)
    except Unusable as error:
        if "cut off" not in str(error) and "no text" not in str(error):
            advice = "language_model.url must speak the OpenAI-compatible chat completions API"
            return False, f"the endpoint's answer cannot be used: {error}", advice
    return True, f"{settings.model} answers", ""
