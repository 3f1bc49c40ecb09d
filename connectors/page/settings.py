"""What a person may say about a page with reviews."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from connectors.addresses import WebAddress, WebSettings, host_of

FORBIDDING = (
    "airbnb", "amazon", "booking", "capterra", "expedia", "facebook", "g2", "glassdoor", "google",
    "indeed", "instagram", "kununu", "linkedin", "tiktok", "tripadvisor", "trustpilot", "twitter",
    "x", "yelp", "youtube",
)  # fmt: skip
"""Sites whose terms forbid reading their pages by machine, whatever their country."""
_SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov"})


def forbidding_site(url: str) -> str:
    """Return the name of the site of `url` when its terms forbid reading it, else nothing."""
    labels = host_of(url).split(".")
    # The label before the ending: yelp in m.yelp.de, amazon in www.amazon.co.uk.
    endings = 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 1
    name = labels[-endings - 1] if len(labels) > endings else ""
    return name if name in FORBIDDING else ""


class PageSettings(WebSettings):
    """A web page that marks its reviews up with schema.org."""

    url: WebAddress = Field(
        description="The address of the page that shows the reviews",
        examples=["https://www.example.com/reviews"],
    )
    i_have_permission: bool = Field(
        default=False,
        description="The owner of the site allows you to read and keep these reviews",
        examples=[False, True],
    )

    @model_validator(mode="after")
    def _ask_for_permission(self) -> Self:
        site = forbidding_site(self.url)
        if site and not self.i_have_permission:
            raise ValueError(
                f"the terms of {site} forbid reading its pages by machine; use its own connector "
                "or an export, or set i_have_permission: true when you have it in writing"
            )
        return self
