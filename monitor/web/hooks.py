"""``/hooks/{source}``: where platforms send what customers say. No sign-in; a proof each time.

Answers are short JSON. 202: stored, and opened soon. 200: it was here already. 401: the sender
did not prove itself. 404: no such source, or it takes no deliveries. 405, 408, 413 and 415: not a
POST, too slow, larger than 1 MB, no JSON. 503 with Retry-After: not stored, send it again.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response

from connectors.errors import ConnectorError, NotAdmitted, NotSupported
from connectors.hooks import Delivery
from monitor.intake.deliveries import Taken
from monitor.log import logger
from monitor.web.bodies import TooLarge, announces_too_much, read_body
from monitor.web.site import Here
from monitor.work import Condition, describe

log = logger(__name__)
router = APIRouter()

BODY_SECONDS = 10.0
"""How long a sender may take for its body; those that send webhooks wait no longer themselves."""
RETRY_AFTER = {"Retry-After": "60"}
CHALLENGE_MAX = 1_000

_secrets = Condition("the check of a delivery")
_store = Condition("the store of deliveries")


@router.get("/hooks/{source}")
def challenge(site: Here, source: str, request: Request) -> Response:
    """Answer the question that a platform asks when its webhook is subscribed."""
    deliveries = site.app.deliveries
    if not deliveries.listens(source):
        return _said(404, "no source of this name takes deliveries")
    try:
        told = deliveries.challenge(source, dict(request.query_params))
    except NotSupported:
        return _said(405, "deliveries are posted", {"Allow": "POST"})
    except ConnectorError as error:
        _secrets.fails(describe(error))
        return _said(503, "this source is not ready", RETRY_AFTER)
    if told is None or len(told) > CHALLENGE_MAX:
        return _said(403, "the verify token is another one")
    # What the platform sent is sent back as plain text, so that no browser runs it.
    return PlainTextResponse(told)


@router.post("/hooks/{source}")
async def take(site: Here, source: str, request: Request) -> Response:
    """Take one delivery."""
    deliveries = site.app.deliveries
    if not deliveries.listens(source):
        return _said(404, "no source of this name takes deliveries")
    if announces_too_much(request):
        return _said(413, "a delivery has at most 1 MB")
    if not _is_json(request.headers.get("content-type", "")):
        return _said(415, "a delivery is JSON: send Content-Type application/json")
    try:
        body = await read_body(request, BODY_SECONDS)
    except TooLarge:
        return _said(413, "a delivery has at most 1 MB", {"Connection": "close"})
    except TimeoutError:
        return _said(408, "the body took too long", {"Connection": "close"})
    except ClientDisconnect:
        return _said(400, "the body is incomplete")
    headers = {name.lower(): value for name, value in request.headers.items()}
    delivery = Delivery(body, headers, dict(request.query_params))
    try:
        taken = await run_in_threadpool(deliveries.take, source, delivery)
    except NotAdmitted as error:
        return _said(401, str(error))
    except ConnectorError as error:
        _secrets.fails(describe(error))
        return _said(503, "this source is not ready", RETRY_AFTER)
    except SQLAlchemyError as error:
        _store.fails(describe(error))
        return _said(503, "nothing was stored; send it again", RETRY_AFTER)
    _secrets.works()
    _store.works()
    return _answer(taken)


def _answer(taken: Taken) -> Response:
    if taken == "stored":
        return JSONResponse({"status": "accepted"}, 202)
    if taken == "known":
        return JSONResponse({"status": "known"}, 200)
    if taken == "full":
        return _said(503, "too many deliveries wait to be opened", RETRY_AFTER)
    return _said(503, "this source is not ready", RETRY_AFTER)


def _said(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": reason}, status, headers)


def _is_json(kind: str) -> bool:
    bare = kind.partition(";")[0].strip().lower()
    return bare in ("application/json", "text/json") or (
        bare.startswith("application/") and bare.endswith("+json")
    )
