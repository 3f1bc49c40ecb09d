"""What a person may say about watching Reddit."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.naming import words_of
from connectors.secrets import Secret

API = "https://oauth.reddit.com"
SITE = "https://www.reddit.com"
_OPERATORS = re.compile(r'["():]|\b(?:AND|OR|NOT)\b')


def _subreddit(text: str) -> str:
    bare = re.sub(r"^/?r/", "", text.strip()).rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9_]{2,50}", bare):
        raise ValueError("expected a subreddit such as coffee")
    return bare


def _user(text: str) -> str:
    bare = re.sub(r"^/?u/", "", text.strip())
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,40}", bare):
        raise ValueError("expected the name of a Reddit user")
    return bare


def _query(text: str) -> str:
    """Return a query in the search's own words: plain words are one phrase."""
    bare = " ".join(text.split())
    if not words_of(bare):
        raise ValueError("expected words to search for")
    return f'"{bare}"' if " " in bare and not _OPERATORS.search(bare) else bare


def _name(text: str) -> str:
    if not words_of(text):
        raise ValueError("expected a name such as Harbour Coffee")
    return " ".join(text.split())


class RedditSettings(WebSettings):
    """An application on Reddit, and what to read with it."""

    client_id: str = Field(
        min_length=1,
        description="The id of your application (reddit.com/prefs/apps, under its name)",
        examples=["p-jcoLKBynTLew"],
    )
    client_secret: Secret = Field(
        description="Reference to the application's secret",
        examples=["env:REDDIT_SECRET", "file:/run/secrets/reddit"],
    )
    username: Annotated[str, AfterValidator(_user)] = Field(
        description="Your account on Reddit; Reddit wants it named in every request, and what it "
        "writes is no mention",
        examples=["harbourcoffee"],
    )
    password: Secret | None = Field(
        default=None,
        description="Reference to the account's password, for an application of the type script; "
        "without it and without a refresh token only public listings are read",
        examples=["env:REDDIT_PASSWORD"],
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="Reference to a permanent refresh token, for other types of application "
        "(scopes read, privatemessages, submit, edit, identity)",
        examples=["env:REDDIT_REFRESH_TOKEN"],
    )
    subreddits: tuple[Annotated[str, AfterValidator(_subreddit)], ...] = Field(
        default=(),
        max_length=20,
        description="Subreddits of which every post and comment is read",
        examples=[["harbourcoffee"], []],
    )
    names: tuple[Annotated[str, AfterValidator(_name)], ...] = Field(
        default=(),
        max_length=20,
        description="Of the subreddits, take only what has one of these names in it, word for "
        "word; leave it empty for a subreddit that is all about you",
        examples=[["Harbour Coffee"], []],
    )
    queries: tuple[Annotated[str, AfterValidator(_query)], ...] = Field(
        default=(),
        max_length=20,
        description="What to search for in the posts of all Reddit, as in its own search box; "
        "several plain words are taken as one phrase",
        examples=[["Harbour Coffee"], ["title:acme subreddit:coffee"]],
    )
    inbox: tuple[Literal["mentions", "comments", "selfreply", "messages"], ...] = Field(
        default=("mentions", "comments", "selfreply"),
        description="What of your inbox to read: where you are mentioned, answers to your "
        "comments, comments on your posts, private messages; needs the account",
        examples=[["mentions", "comments", "selfreply"], []],
    )
    base_url: WebAddress = Field(
        default=API,
        description="The address of the interface",
        examples=[API],
    )
    token_url: WebAddress | None = Field(
        default=None,
        description="Where tokens are given; follows `base_url` where that is changed",
        examples=[SITE],
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.subreddits and not self.queries and not (self.inbox and self.has_account):
            raise ValueError("name subreddits, queries, or an account whose inbox is read")
        return self

    @property
    def has_account(self) -> bool:
        """Tell whether we act as a user, who has an inbox and may answer."""
        return self.password is not None or self.refresh_token is not None

    def token_host(self) -> str:
        """Return where tokens are given, without a slash at its end."""
        usual = self.base_url.rstrip("/") == API
        return (self.token_url or (SITE if usual else self.base_url)).rstrip("/")
