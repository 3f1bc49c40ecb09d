"""Answers whoever pressed something, where only they see it, and refreshes what they pressed on.

The place of an act is the card in its channel, a private message of ours (which has a
``response_url``), a modal, the App Home, or a command.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.log import logger
from responders.slack.cards import case_blocks
from responders.slack.client import SlackClient
from responders.slack.modals import case_modal
from responders.slack.notices import direct, private
from responders.slack.results import Answer, Refused, Result
from responders.slack.results import describe as words_of
from responders.slack.text import mrkdwn
from responders.views import CaseView

log = logger(__name__)


class Answers:
    """Speaks to one person at a time."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client

    def tell(self, act: dict[str, Any], text: str) -> Result:
        """Tell the person who acted, and only them; directly where no channel is known."""
        url = act.get("response_url", "")
        if url:
            body = private(channel="", user="", text=text)
            answer = {key: body[key] for key in ("text", "blocks")}
            told = self._client.respond(
                url, {"response_type": "ephemeral", "replace_original": False, **answer}
            )
            if isinstance(told, Answer):
                return told
        return self._in_channel(act, text)

    def give(self, act: dict[str, Any], body: dict[str, Any]) -> Result:
        """Answer a command with a whole body; only who typed it sees it."""
        told = self._client.respond(
            act.get("response_url", ""), {**body, "replace_original": False}
        )
        return told if isinstance(told, Answer) else self._in_channel(act, body["text"])

    def _in_channel(self, act: dict[str, Any], text: str) -> Result:
        channel = act.get("channel", "")
        if not channel:
            return self._client.call("chat.postMessage", direct(user=act["user"], text=text))
        said = private(channel=channel, user=act["user"], text=text)
        result = self._client.call("chat.postEphemeral", said)
        if isinstance(result, Refused):  # a place that the app is no member of
            return self._client.call("chat.postMessage", direct(user=act["user"], text=text))
        return result

    def refresh(self, act: dict[str, Any], view: CaseView, now: datetime) -> None:
        """Draw anew the modal or the private card on which something was pressed.

        One that is lost costs nothing.
        """
        if act.get("response_url"):
            shown = {"text": mrkdwn(view.ref, 300), "blocks": case_blocks(view, now)}
            private_card = {"response_type": "ephemeral", "replace_original": True, **shown}
            self._client.respond(act["response_url"], private_card)
        if not act.get("view_id"):
            return
        drawn = {"view_id": act["view_id"], "view": case_modal(view, now)}
        result = self._client.call("views.update", drawn)
        if not isinstance(result, Answer):
            log.info("slack: a modal was not refreshed: %s", words_of(result))
