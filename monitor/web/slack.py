"""``POST /slack/events``: where Slack sends clicks, commands and events, when it speaks HTTP.

No sign-in; a signature each time (`responders.slack.signed`). Answers say a number and nothing
else: 401 for whoever is not Slack, 404 while Rapport does not listen here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from monitor.config.slack import REQUEST_PATH
from monitor.log import logger
from monitor.web.bodies import TooLarge, announces_too_much, read_body
from monitor.web.site import Here

log = logger(__name__)
router = APIRouter()

BODY_SECONDS = 5.0
"""How long a body may take: Slack itself waits 3 seconds for the answer to it."""

STORING = 1
"""How many requests are stored at the same time. SQLite has one writer, and those who try for its
lock together get it by luck: on a loaded machine one in a hundred waited for 1.4 to 1.7 s when
eight did, and for 0.6 to 1.3 s in turn."""

CALLING = 8
"""How many modals are opened at the same time."""


@router.post(REQUEST_PATH)
async def take(site: Here, request: Request) -> Response:
    """Take one request, and answer as soon as it is stored."""
    slack = site.app.slack
    if slack is None or slack.signed is None:
        return Response(status_code=404)
    if announces_too_much(request):
        return Response(status_code=413)
    try:
        body = await read_body(request, BODY_SECONDS)
    except TooLarge:
        return Response(status_code=413, headers={"Connection": "close"})
    except TimeoutError:
        return Response(status_code=408, headers={"Connection": "close"})
    except ClientDisconnect:
        return Response(status_code=400)
    headers = {name.lower(): value for name, value in request.headers.items()}
    # Threads of its own: pages that take long must not keep Slack waiting past its 3 seconds.
    threads = _threads_of(request)
    reply = await to_thread.run_sync(slack.signed.take, headers, body, limiter=threads.storing)
    after = None
    if reply.after is not None:
        after = BackgroundTask(partial(_after, reply.after, threads.calling))
    if reply.body is not None:
        return JSONResponse(reply.body, reply.status, background=after)
    headers = {"X-Slack-No-Retry": "1"} if reply.status in (400, 415) else {}
    return Response(status_code=reply.status, headers=headers, background=after)


class _Threads:
    """Threads for storing, and others for what comes after: calls to Slack take seconds."""

    def __init__(self) -> None:
        self.storing = CapacityLimiter(STORING)
        self.calling = CapacityLimiter(CALLING)


def _threads_of(request: Request) -> _Threads:
    state = request.app.state
    if not hasattr(state, "slack_threads"):  # made on the server's own loop, at the first request
        state.slack_threads = _Threads()
    threads = state.slack_threads
    assert isinstance(threads, _Threads)
    return threads


async def _after(do: Callable[[], None], limiter: CapacityLimiter) -> None:
    try:
        await to_thread.run_sync(do, limiter=limiter)
    except Exception:
        # The answer has been sent; a modal that did not open is told by `do` itself.
        log.exception("slack: what follows a request failed")
