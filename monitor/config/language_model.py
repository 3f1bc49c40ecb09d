"""The language model that may draft answers: off unless this section stands in the file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from connectors.secrets import Secret
from monitor.config.problems import Misfit
from monitor.config.values import Duration, Key, Line, Number, Section, Url, Whole, is_loopback

LONGEST_WAIT_SECONDS = 45
"""Drafting is claimed for a minute; an answer that takes longer would come too late."""


def _check_endpoint(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise Misfit(
            "would send what customers wrote unencrypted",
            expected="https, or http to this machine only",
        )
    return text


def _check_wait(wait: timedelta) -> timedelta:
    if not 1 <= wait.total_seconds() <= LONGEST_WAIT_SECONDS:
        raise Misfit("is out of range", expected=f"1s to {LONGEST_WAIT_SECONDS}s")
    return wait


class LanguageModel(Section):
    """An endpoint that speaks the OpenAI-compatible chat completions API."""

    url: Annotated[Url, AfterValidator(_check_endpoint)] = Field(
        description=(
            "Where the API is, the part before `/chat/completions`: https, or http to this machine."
        ),
        examples=["http://127.0.0.1:11434/v1"],
    )
    model: Line = Field(
        max_length=100,
        description="The model's name at that endpoint. Drafts carry it.",
        examples=["mistral-small"],
    )
    api_key: Secret | None = Field(
        default=None,
        description="The key, as a reference. A model on one's own machine needs none.",
        examples=["env:LANGUAGE_MODEL_KEY"],
    )
    temperature: Number | None = Field(
        default=None,
        ge=0,
        le=2,
        description="How freely it words. Without it the endpoint's own; some models take none.",
        examples=[0.3],
    )
    max_tokens: Whole = Field(
        default=700,
        ge=50,
        le=8000,
        description="The most tokens of one answer. Models that think aloud need some thousands.",
        examples=[700],
    )
    max_tokens_key: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens",
        description="What the endpoint calls that limit; OpenAI's newer models take the second.",
        examples=["max_completion_tokens"],
    )
    timeout: Annotated[Duration, AfterValidator(_check_wait)] = Field(
        default=timedelta(seconds=30),
        description="How long to wait for an answer, 1s to 45s; then a template is used.",
        examples=["30s"],
    )
    calls_per_day: Whole = Field(
        default=200,
        ge=1,
        le=1_000_000,
        description="The most calls of one UTC day. After that, templates are used.",
        examples=[200],
    )
    tokens_per_day: Whole = Field(
        default=500_000,
        ge=100,
        le=10_000_000_000,
        description="The most tokens of one UTC day, of questions and answers together.",
        examples=[500_000],
    )
    brands: tuple[Key, ...] = Field(
        default=(),
        description="Brands to draft for. Empty: all.",
        examples=[["harbour"]],
    )
    sources: tuple[Key, ...] = Field(
        default=(),
        description="Sources to draft for. Empty: all whose platform's terms allow it.",
        examples=[["shop-reviews"]],
    )
    tone: Line = Field(
        default="friendly, calm and plain; formal address where the language has one",
        description="How answers sound, in words for the model.",
        examples=["warm and brief, first-person plural"],
    )
    may_promise: tuple[Line, ...] = Field(
        default=(),
        max_length=10,
        description=(
            "What an answer may promise, word for word, a sentence each, in each language that is "
            "answered in. Empty: nothing."
        ),
        examples=[["We look into it and write back within two working days."]],
    )
