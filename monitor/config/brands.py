"""Brands and their locations: what is being talked about."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from monitor.config.values import Key, Language, Line, Section, TimeZone, WordPattern


class Location(Section):
    """One place or product of a brand."""

    key: Key = Field(description="Short name, unique within the brand.", examples=["quay"])
    name: Line = Field(description="Name as customers know it.", examples=["Quay Street"])
    timezone: TimeZone | None = Field(
        default=None,
        description="Time zone of the place. Without it, the brand's.",
        examples=["Europe/Berlin"],
    )
    calendar: Key | None = Field(
        default=None,
        description=(
            "Key of the place's own calendar. Policies count by it there, in the place of theirs; "
            "those that count by `always` go on doing so."
        ),
        examples=["quay-hours"],
    )


class Topic(Section):
    """A topic of the brand's own, beside the shipped ones."""

    key: Key = Field(description="Short name of the topic.", examples=["parking"])
    words: tuple[WordPattern, ...] = Field(
        min_length=1,
        description=(
            "What speaks of it, in any language: words or phrases. `park*` stands for any word "
            "that begins so, `car|bike` for either."
        ),
        examples=[["parking", "car park*"]],
    )


class Brand(Section):
    """A company, or one of its product lines."""

    key: Key = Field(description="Short name, unique.", examples=["harbour"])
    name: Line = Field(description="Name as it stands in answers.", examples=["Harbour Coffee"])
    timezone: TimeZone = Field(
        default="UTC",
        description="Time zone in which the brand's times are shown.",
        examples=["Europe/Berlin"],
    )
    signature: str = Field(
        default="",
        max_length=500,
        description="Last line of every answer. Without it, the brand's name.",
        examples=["Mara, Harbour Coffee"],
    )
    contact: str = Field(
        default="",
        max_length=500,
        description="How a customer goes on in private: an address, a number or a link.",
        examples=["hello@harbour.example"],
    )
    languages: tuple[Language, ...] = Field(
        default=("en",),
        min_length=1,
        description="Languages to answer in. A mention in another one is answered in the first.",
        examples=[["en", "de"]],
    )
    tone: Literal["warm", "plain", "formal"] | None = Field(
        default=None,
        description=(
            "How drafts speak: `warm` to the person, `plain` in few simple words, `formal` as in "
            "a letter. Without it, every tone is used."
        ),
        examples=["warm"],
    )
    sensitive: Literal["health", "legal"] | None = Field(
        default=None,
        description=(
            "For brands of health or law: even saying that somebody is known there is then "
            "blocked in public. A brand of law may speak of its lawyers, which is a threat "
            "elsewhere."
        ),
        examples=["health"],
    )
    never_say: tuple[WordPattern, ...] = Field(
        default=(),
        max_length=200,
        description=(
            "Words and phrases that no answer of the brand may hold, written as in `topics`."
        ),
        examples=[["cheap*", "no comment"]],
    )
    may_offer: tuple[WordPattern, ...] = Field(
        default=(),
        max_length=200,
        description=(
            "What of value answers may offer without a warning, in words: vouchers, refunds. "
            "Never in return for a review: that stays blocked."
        ),
        examples=[["refund*", "erstatt*"]],
    )
    rules: dict[str, Literal["block", "warn", "off"]] = Field(
        default_factory=dict,
        description=(
            "How strict a reply rule is for this brand, by its name in "
            "[drafts.md](drafts.md#the-rules): it blocks, only warns, or is off."
        ),
        examples=[{"promise": "block", "blame": "off"}],
    )
    locations: tuple[Location, ...] = Field(
        default=(), description="Places or products of the brand."
    )
    topics: tuple[Topic, ...] = Field(
        default=(), description="Topics of complaints beside the shipped ones."
    )
