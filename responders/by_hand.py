"""Why a reply is posted by hand, in words for the person who posts it."""

from __future__ import annotations

from connectors.base import Capabilities, ConnectorKind

NOT_CONFIGURED = "its source is no longer in the configuration"
NOT_SUMMONED = (
    "the platform lets Rapport answer only people who addressed us, and this author did not"
)


def why_by_hand(kind: ConnectorKind | None, able: Capabilities, *, addressed_to_us: bool) -> str:
    """Return why Rapport does not publish the answer to a mention itself; empty when it does.

    `kind` is None for a source that is no longer configured. A connector tells in its advice on
    `NotSupported` what is missing, a token or a partner's access; one that says nothing of it
    cannot publish at all.
    """
    if kind is None:
        return NOT_CONFIGURED
    if not able.can_reply or able.reply_mode in ("manual", "none"):
        advice = kind.advice.get("NotSupported")
        if not advice:
            return f"no program can publish on {kind.title}"
        told = f"Rapport cannot publish on {kind.title} as this source is set up. {advice}"
        return told.removesuffix(".")
    return NOT_SUMMONED if able.needs_summons and not addressed_to_us else ""
