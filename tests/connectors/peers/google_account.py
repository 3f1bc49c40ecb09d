"""Google's token endpoint: gives access tokens for a refresh token or a service account's word."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.testing.http_server import Reply, Request

REFRESH, SECRET = "1//s3cr3t-refresh", "GOCSPX-s3cr3t"
CLIENT = "1234.apps.googleusercontent.com"
ROBOT = "robot@acme.iam.gserviceaccount.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@lru_cache(maxsize=1)
def key_pair() -> tuple[str, str]:
    """Return (private, public) of one RSA key for all tests, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def key_file() -> str:
    """Return the JSON key of a service account, as the console hands it out."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "acme",
            "private_key_id": "s3cr3t-key-id",
            "private_key": key_pair()[0],
            "client_email": ROBOT,
            "token_uri": "https://oauth2.googleapis.com/token",
        }
    )


class GoogleAccount:
    """Gives tokens until it is revoked; `scope` is what a service account must ask for."""

    def __init__(self, scope: str = "") -> None:
        self.scope = scope
        self.given = 0
        self.revoked = False

    @property
    def access_token(self) -> str:
        return f"ya29.s3cr3t-{self.given}"

    def token(self, request: Request) -> Reply:
        form = request.form
        if self.revoked:
            return refused("Token has been expired or revoked.")
        if form.get("grant_type") == "refresh_token":
            if form.get("client_secret") != SECRET or form.get("client_id") != CLIENT:
                return Reply.json({"error": "invalid_client"}, 401)
            if form.get("refresh_token") != REFRESH:
                return refused("Bad Request")
        elif form.get("grant_type") == JWT_BEARER:
            word = form["assertion"]
            claims: dict[str, Any] = jwt.decode(
                word,
                key_pair()[1],
                algorithms=["RS256"],
                options={
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "require": ["exp", "iat", "aud"],
                },
            )
            if claims["iss"] != ROBOT or claims["exp"] - claims["iat"] > 3600:
                return refused("Invalid JWT")
            if claims["scope"] != self.scope or not claims["aud"].endswith("/token"):
                return Reply.json({"error": "invalid_scope"}, 400)
        else:
            return Reply.json({"error": "unsupported_grant_type"}, 400)
        self.given += 1
        return Reply.json(
            {"access_token": self.access_token, "expires_in": 3599, "token_type": "Bearer"}
        )

    def admits(self, request: Request) -> bool:
        """Tell whether `request` carries a token that was given and still holds."""
        given = request.headers.get("Authorization", "")
        return not self.revoked and given.startswith("Bearer ya29.s3cr3t-")


def refused(words: str) -> Reply:
    """Return how the token endpoint turns a grant down."""
    return Reply.json({"error": "invalid_grant", "error_description": words}, 400)


def fault(code: int, status: str, message: str, reason: str = "", **metadata: str) -> Reply:
    """Return an error in both of Google's generations."""
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason:
        error["errors"] = [{"domain": "global", "reason": reason, "message": message}]
    if metadata:
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": metadata,
            }
        ]
    return Reply.json({"error": error}, code)


UNAUTHENTICATED = fault(
    401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "authError"
)
