"""What the peers of Facebook and Instagram share: the Graph API's manners."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from connectors.testing.http_server import Reply, Request

TOKEN = "EAAGm0PX4ZCpsBAtokenOfTheHarbour"
APP_SECRET = "5ecret0fTheApp"
VERIFY = "harbour-verifies"
NOT_THERE = (
    "Unsupported get request. Object with ID 'x' does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation"
)


def failure(
    code: int, message: str = "", *, subcode: int = 0, status: int = 400, **more: Any
) -> Reply:
    """Return an error as the Graph API writes it; headers go by `headers`."""
    headers = more.pop("headers", {})
    error = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "AbC",
        **more,
    }
    if subcode:
        error["error_subcode"] = subcode
    return Reply.json({"error": error}, status, **headers)


def not_there() -> Reply:
    return failure(100, NOT_THERE, subcode=33, type="GraphMethodException")


def refusal(request: Request, token: str) -> Reply | None:
    """Return the answer to a request without a good token and proof, or None."""
    if "access_token" in dict(request.query) or "access_token" in _form(request):
        return failure(1, "this peer wants the token in the header")
    if request.headers.get("Authorization") != f"Bearer {token}":
        return failure(
            190, "Error validating access token: Session has expired", subcode=463, status=401
        )
    proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    given = request.get("appsecret_proof") or _form(request).get("appsecret_proof", "")
    if given != proof:
        return failure(100, "Invalid appsecret_proof provided in the API argument")
    return None


def _form(request: Request) -> dict[str, str]:
    return request.form if request.method == "POST" else {}


def paged(items: list[Any], request: Request, url: str, default: int) -> Reply:
    """Return one page; ``next`` carries the token, as the platform's does."""
    limit, start = int(request.get("limit", str(default))), int(request.get("after", "c0")[1:])
    page = items[start : start + limit]
    body: dict[str, Any] = {"data": page}
    if page:
        body["paging"] = {"cursors": {"before": f"c{start}", "after": f"c{start + len(page)}"}}
        if start + limit < len(items):
            link = f"{url}{request.path}?access_token={TOKEN}&limit={limit}&after=c{start + limit}"
            body["paging"]["next"] = link
    return Reply.json(body, X_App_Usage='{"call_count":12,"total_cputime":3,"total_time":4}')


def signed(body: bytes) -> dict[str, str]:
    """Return the header that Meta puts on a delivery."""
    digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}
