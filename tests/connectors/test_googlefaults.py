"""Google's error bodies, sound and unsound, and what may be said of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.google import beside, root_of
from connectors.googlefaults import name_fault, no_access, read_fault
from connectors.outcomes import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://youtube.example/v3/x?key=s3cr3t"


def answer(body: Any, status: int = 403, **headers: str) -> Answer:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, said, json.dumps(body).encode(), URL)


def named(body: Any, status: int = 403, *, writing: bool = False, **headers: str) -> ConnectorError:
    told = answer(body, status, **headers)
    fault = read_fault(told)
    assert fault is not None
    return name_fault(fault, told, NOW, writing=writing)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "code": JSON,
            "status": JSON,
            "message": JSON,
            "errors": st.lists(st.fixed_dictionaries({}, optional={"reason": JSON}), max_size=2)
            | JSON,
            "details": st.lists(
                st.fixed_dictionaries({}, optional={"metadata": JSON, "retryDelay": JSON}),
                max_size=2,
            )
            | JSON,
        },
    )
    | JSON,
    st.sampled_from([200, 400, 401, 403, 404, 429, 500, 503]),
    st.booleans(),
)
def test_any_error_body_gets_a_name(error: Any, status: int, writing: bool) -> None:
    told = answer({"error": error}, status)
    fault = read_fault(told)
    if fault is None:
        return
    error = name_fault(fault, told, NOW, writing=writing)
    assert isinstance(error, ConnectorError)
    assert "s3cr3t" not in str(error)
    assert len(str(error)) < 400
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("status", "writing", "headers", "error"),
    [
        (500, False, {}, Unavailable),
        (500, True, {}, UnknownOutcome),
        (503, True, {}, UnknownOutcome),
        (503, True, {"Retry_After": "3"}, Unavailable),
        (409, True, {}, UnknownOutcome),
        (429, True, {}, RateLimited),
        (404, True, {}, Gone),
        (400, True, {}, Rejected),
        (401, True, {}, AuthFailed),
    ],
)
def test_a_write_is_unknown_where_it_may_have_happened(
    status: int, writing: bool, headers: dict[str, str], error: type[ConnectorError]
) -> None:
    found = named({"error": {"message": "x"}}, status, writing=writing, **headers)
    assert type(found) is error


def test_both_generations_and_lists_are_read() -> None:
    old = {"error": {"errors": [{"reason": "rateLimitExceeded"}], "code": 403, "message": "m"}}
    new = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"reason": "X"}]}}
    assert isinstance(named(old), RateLimited)
    assert isinstance(named([new], 429), RateLimited)
    assert read_fault(Answer(200, {}, b'{"items": [{"error": 1}]}', URL)) is None
    assert read_fault(Answer(502, {}, b"<html>", URL)) is None
    assert read_fault(answer({"error": 5})) is None
    fault = read_fault(answer({"error": {"code": 403, "message": "m"}}, 200))
    assert fault is not None
    assert fault.code == 403


def test_a_quota_of_nothing_is_no_rate() -> None:
    details = [{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit_value": "0"}}]
    body = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": details}}
    fault = read_fault(answer(body, 429))
    assert fault is not None
    assert no_access(fault)
    assert isinstance(named(body, 429), AuthFailed)


def test_secrets_in_googles_own_words_are_left_out() -> None:
    for secret in ("AIzaSyA-s3cr3t_1", "api_key:s3cr3t", "ya29.s3cr3t", "1//0gs3cr3t"):
        message = f"Consumer '{secret}' is not allowed"
        assert str(named({"error": {"message": message}})).endswith("Consumer '…' is not allowed")


@pytest.mark.parametrize(
    ("limit", "wait"),
    [("1/min/{project}", timedelta(minutes=1)), ("1/d/{project}", timedelta(hours=20)), ("", None)],
)
def test_the_span_of_a_quota_tells_how_long_to_wait(limit: str, wait: timedelta | None) -> None:
    details = [{"metadata": {"quota_unit": limit, "quota_limit_value": "300"}}]
    found = named({"error": {"code": 429, "details": details}}, 429)
    assert isinstance(found, RateLimited)
    assert found.retry_after == wait


def test_further_services_follow_a_server_that_plays_google() -> None:
    real, token = "https://www.googleapis.com", "https://oauth2.googleapis.com/token"
    assert beside(real, real, "", token) == token
    assert beside("http://127.0.0.1:8080/x", real, "", token) == "http://127.0.0.1:8080/token"
    assert beside(real, real, "http://127.0.0.1:1/t/", token) == "http://127.0.0.1:1/t"
    assert root_of("http://127.0.0.1:1/", "/youtube/v3") == "http://127.0.0.1:1/youtube/v3"
    assert root_of("http://127.0.0.1:1/youtube/v3", "/youtube/v3") == (
        "http://127.0.0.1:1/youtube/v3"
    )
