"""Sends a file's bytes where Slack says they go: the second of the three calls of an upload."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

from responders.slack.client import TIMEOUT_SECONDS
from responders.slack.results import Failure, Unknown, Unreachable


def send_bytes(url: str, data: bytes, api_url: str) -> Failure | None:
    """Send `data` to the upload address that Slack gave; None when it was taken.

    The address must be Slack's own, over https, or on the very host that `api_url` names: an
    answer cannot have our files sent anywhere else.
    """
    parts, api = urlsplit(url), urlsplit(api_url)
    host = parts.hostname or ""
    slacks = parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
    if not slacks and (parts.scheme, host, parts.port) != (api.scheme, api.hostname, api.port):
        return Unknown("the upload address is not Slack's")
    with requests.Session() as session:
        session.trust_env = slacks  # a proxy leads out of this machine, not into it
        try:
            answer = session.post(
                url,
                data=data,
                headers={"Content-Type": "application/octet-stream"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.ConnectionError as error:
            # Until the upload is completed nobody sees it, so lost or not it may be sent again.
            return Unreachable(type(error).__name__)
        except requests.RequestException as error:
            return Unknown(type(error).__name__)
    return None if answer.status_code == 200 else Unknown(f"HTTP {answer.status_code}")
