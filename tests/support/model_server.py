"""A chat completions endpoint on this machine that says what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connectors.testing.http_server import LoopbackServer, Reply, Request

PATH = "/v1/chat/completions"
Answerer = Callable[[dict[str, Any]], str]


class ModelServer(LoopbackServer):
    """`says` answers the parsed body of a request; `reply` overrides the whole answer."""

    def __init__(self, says: str | Answerer = "") -> None:
        super().__init__()
        self.says = says
        self.usage: Any = {"prompt_tokens": 300, "completion_tokens": 60, "total_tokens": 360}
        self.reply: Reply | None = None
        self.on(PATH, self._respond)

    @property
    def base(self) -> str:
        """What stands in the configuration as `url`."""
        return f"{self.url}/v1"

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of all requests, parsed."""
        return [json.loads(request.body) for request in self.requests]

    def _respond(self, request: Request) -> Reply:
        if self.reply is not None:
            return self.reply
        body = json.loads(request.body)
        text = self.says if isinstance(self.says, str) else self.says(body)
        return Reply.json(completion(text, usage=self.usage))


def completion(content: Any, *, ended: str = "stop", usage: Any = None, **more: Any) -> Any:
    """Return a chat completion as endpoints send it."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "small",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **more},
                "finish_reason": ended,
            }
        ],
        "usage": usage,
    }
