"""What a person should do about an error at a source."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import ConnectorKind
from connectors.errors import ConnectorError

USUAL_ADVICE: Mapping[str, str] = {
    "AuthFailed": "Check the token and its permissions, then run `rapport check`.",
    "BadSettings": "Correct the settings of this source in the configuration.",
    "Gone": "It was deleted there; nothing more can be done.",
    "LayoutChanged": "The platform answers differently now; look at it, and report it to us.",
    "NotAdmitted": "Check the webhook's secret, here and on the platform.",
    "NotSupported": "Do it by hand on the platform, and mark it done here.",
    "RateLimited": "Nothing to do; the platform's waiting time is kept.",
    "Rejected": "The platform refused it for good; read its reason and change the request.",
    "Unavailable": "Nothing to do; it is tried again later.",
    "UnknownOutcome": "Look on the platform whether the reply stands there, then say so here.",
}


def advice_for(kind: ConnectorKind, error: ConnectorError) -> str:
    """Return what a person should do about `error` at a source of `kind`; one or two sentences.

    A connector's own advice goes before the usual one.
    """
    for cls in type(error).__mro__:
        found = kind.advice.get(cls.__name__) or USUAL_ADVICE.get(cls.__name__)
        if found:
            return found
    return ""
