"""What a person may say about a webhook: who may send, what stands where, and how to answer."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret
from connectors.webhook.pointers import Pointer

_HEADER = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")
_PLACE = re.compile(r"\{([^{}]*)\}")
PLACES = ("id", "parent_id", "author_id", "location")


def _header(name: str) -> str:
    if not _HEADER.match(name):
        raise ValueError("expected the name of a header such as X-Signature")
    return name


def _template(url: str) -> str:
    unknown = [name for name in _PLACE.findall(url) if name not in PLACES]
    if unknown:
        raise ValueError(f"only {{{'}, {'.join(PLACES)}}} can be filled in")
    if "{" in url.split("/", 3)[2]:
        raise ValueError("the host must not come from what a customer sent")
    return url


Header = Annotated[str, AfterValidator(_header)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=30)]
Style = Literal["github", "meta", "discourse", "stamped", "bearer", "basic", "query"]


class WebhookSettings(WebSettings):
    """One place that sends us what customers say.

    The settings that name places are JSON Pointers (RFC 6901), read within each item.
    """

    secret: Secret = Field(
        description="Reference to the secret that the sender signs with, or shows; for `basic` it "
        "holds name:password",
        examples=["env:SHOP_WEBHOOK_SECRET"],
    )
    signature: Style = Field(
        default="github",
        description="How the sender proves itself: `github` and `meta` (X-Hub-Signature-256), "
        "`discourse` (X-Discourse-Event-Signature), `stamped` (t=…,v1=… as Stripe has it), "
        "`bearer` (Authorization), `basic` (name and password), or `query` (?secret=…, the "
        "weakest, for addresses end up in logs)",
        examples=["github", "stamped", "bearer"],
    )
    signature_header: Header | None = Field(
        default=None,
        description="The header that holds it, where it is not the usual one",
        examples=["X-Shop-Signature"],
    )
    verify_token: Secret | None = Field(
        default=None,
        description="Reference to the word that Meta asks for at subscription",
        examples=["env:META_VERIFY_TOKEN"],
    )
    items: Pointer = Field(
        default="",
        description="Where the items are: a list, or one object; empty: the delivery is one item",
        examples=["/events", "/comment"],
    )
    id: Pointer = Field(
        default="/id",
        description="Where an item has its lasting id",
        examples=["/eventData/id", "/id"],
    )
    text: Pointer = Field(
        default="/text",
        description="Where an item has its text",
        examples=["/eventData/text", "/body"],
    )
    text_is_html: bool = Field(
        default=False,
        description="Whether the text is HTML",
        examples=[False, True],
    )
    title: Pointer | None = Field(
        default=None,
        description="Where an item has its title",
        examples=["/title"],
    )
    author: Pointer | None = Field(
        default="/author",
        description="Where an item has its author's name",
        examples=["/eventData/consumer/name", "/user/login"],
    )
    author_id: Pointer | None = Field(
        default=None,
        description="Where an item has its author's id",
        examples=["/eventData/consumer/id", "/user/id"],
    )
    author_reach: Pointer | None = Field(
        default=None,
        description="Where an item has how many people follow its author",
        examples=["/user/followers"],
    )
    rating: Pointer | None = Field(
        default="/rating",
        description="Where an item has its rating",
        examples=["/eventData/stars"],
    )
    rating_max: Pointer | float = Field(
        default=5.0,
        description="The top of the rating's scale: a number, or where an item has it",
        examples=[5, 10, "/scale/best"],
    )
    url: Pointer | None = Field(
        default="/url",
        description="Where an item has its address on the web",
        examples=["/html_url"],
    )
    created_at: Pointer | None = Field(
        default="/created_at",
        description="Where an item says when it was written",
        examples=["/eventData/createdAt"],
    )
    updated_at: Pointer | None = Field(
        default="/updated_at",
        description="Where an item says when it was last changed; it tells what is newer",
        examples=["/eventData/updatedAt"],
    )
    parent: Pointer | None = Field(
        default=None,
        description="Where an item has the id of what it answers",
        examples=["/in_reply_to"],
    )
    language: Pointer | None = Field(
        default=None,
        description="Where an item has its language",
        examples=["/eventData/language"],
    )
    location: Pointer | None = Field(
        default=None,
        description="Where an item has its location",
        examples=["/eventData/locationId"],
    )
    action: Pointer | None = Field(
        default="/action",
        description="Where an item, else the whole delivery, says what happened",
        examples=["/eventName", "/action"],
    )
    created_words: Words = Field(
        default=("created", "new", "submitted", "published", "posted", "approved"),
        description="What it says for something new",
        examples=[["service-review-created"]],
    )
    edited_words: Words = Field(
        default=("edited", "updated", "changed", "revised"),
        description="What it says for something changed",
        examples=[["service-review-updated"]],
    )
    deleted_words: Words = Field(
        default=("deleted", "removed", "destroyed", "trashed"),
        description="What it says for something deleted; all other words are passed over",
        examples=[["service-review-deleted"]],
    )
    kind: Literal["review", "comment", "post", "message"] = Field(
        default="review",
        description="What the items are",
        examples=["review", "comment"],
    )
    addressed_to_us: bool = Field(
        default=False,
        description="Whether the authors speak to the business, not only of it",
        examples=[True, False],
    )
    reply_url: Annotated[WebAddress, AfterValidator(_template)] | None = Field(
        default=None,
        description="Where answers are posted; {id}, {parent_id}, {author_id} and {location} are "
        "filled in. Empty: answers are given by hand",
        examples=["https://shop.example/api/reviews/{id}/answer"],
    )
    reply_secret: Secret | None = Field(
        default=None,
        description="Reference to the secret that answers are signed with; empty: `secret`",
        examples=["env:SHOP_ANSWER_SECRET"],
    )
    reply_max_length: int | None = Field(
        default=None,
        ge=1,
        description="How many characters an answer may have",
        examples=[1500],
    )
    reply_public: bool = Field(
        default=True,
        description="Whether answers are seen by everybody",
        examples=[True, False],
    )
    reply_id: Pointer | None = Field(
        default="/id",
        description="Where the response to an answer has its id",
        examples=["/id"],
    )
    reply_link: Pointer | None = Field(
        default="/url",
        description="Where the response to an answer has its address on the web",
        examples=["/url"],
    )
    reply_state: Pointer | None = Field(
        default=None,
        description="Where the response says whether the answer is visible; empty: 202 is accepted "
        "and any other success visible",
        examples=["/status"],
    )
    visible_words: Words = Field(
        default=("visible", "published", "approved", "live"),
        description="What it says for a visible answer",
        examples=[["published"]],
    )
    rejected_words: Words = Field(
        default=("rejected", "refused", "spam"),
        description="What it says for a refused answer; all other words mean accepted",
        examples=[["rejected"]],
    )

    @model_validator(mode="after")
    def _words_differ(self) -> WebhookSettings:
        said = [word.casefold() for word in (*self.created_words, *self.edited_words)]
        if set(said) & {word.casefold() for word in self.deleted_words}:
            raise ValueError("a word cannot mean both that something is there and that it is gone")
        return self
