"""What a person may say about a YouTube channel and its comments."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.google import TOKEN_URL
from connectors.secrets import Secret

REAL = "https://www.googleapis.com"
_CHANNEL = re.compile(r"^UC[\w-]{4,40}$", re.A)
_VIDEO = re.compile(r"^[\w-]{6,20}$", re.A)


def _channel(ident: str) -> str:
    ident = ident.strip()
    if ident and not _CHANNEL.match(ident):
        raise ValueError("expected a channel id such as UCa-vrCLQHviTOVnEKDOdetQ, no @handle")
    return ident


def _video(ident: str) -> str:
    ident = ident.strip()
    if not _VIDEO.match(ident):
        raise ValueError("expected a video id such as dQw4w9WgXcQ, no address")
    return ident


ChannelId = Annotated[str, AfterValidator(_channel)]


class YouTubeSettings(WebSettings):
    """The comments of one channel, or of single videos."""

    base_url: WebAddress = Field(
        default=REAL,
        description="The address of the API",
        examples=[REAL],
    )
    channel_id: ChannelId = Field(
        default="",
        description="The channel whose comments are read, those on all its videos among them",
        examples=["UCa-vrCLQHviTOVnEKDOdetQ"],
    )
    video_ids: tuple[Annotated[str, AfterValidator(_video)], ...] = Field(
        default=(),
        max_length=50,
        description="Single videos to read as well, also on channels of others",
        examples=[["dQw4w9WgXcQ"]],
    )
    own_channel_ids: tuple[ChannelId, ...] | None = Field(
        default=None,
        max_length=20,
        description="Channels that speak for you; by default `channel_id`",
        examples=[["UCa-vrCLQHviTOVnEKDOdetQ"]],
    )
    api_key: Secret | None = Field(
        default=None,
        description="Reference to an API key; enough for reading",
        examples=["env:YOUTUBE_API_KEY"],
    )
    client_id: Secret | None = Field(
        default=None,
        description="Reference to the id of an OAuth client, for answering",
        examples=["env:GOOGLE_CLIENT_ID"],
    )
    client_secret: Secret | None = Field(
        default=None,
        description="Reference to the secret of the OAuth client",
        examples=["env:GOOGLE_CLIENT_SECRET"],
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="Reference to a refresh token of your channel with the scope "
        "https://www.googleapis.com/auth/youtube.force-ssl",
        examples=["env:YOUTUBE_REFRESH_TOKEN"],
    )
    token_url: str = Field(
        default="",
        description="Where tokens are asked for; by default Google's own, or at `base_url`",
        examples=[TOKEN_URL],
    )
    watch_threads: int = Field(
        default=100,
        ge=0,
        le=500,
        description="How many of the latest conversations are looked at again for new replies",
        examples=[100, 0],
    )
    units_per_day: int = Field(
        default=10_000,
        ge=100,
        le=10_000_000,
        description="What your project is granted; a read costs 1, a reply 50",
        examples=[10_000],
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.channel_id and not self.video_ids:
            raise ValueError("name a channel under channel_id, or videos under video_ids")
        oauth = [self.client_id, self.client_secret, self.refresh_token]
        if any(oauth) and not all(oauth):
            raise ValueError("client_id, client_secret and refresh_token belong together")
        if self.api_key is None and not any(oauth):
            raise ValueError("give an api_key for reading, or the three for OAuth")
        return self

    @property
    def may_reply(self) -> bool:
        """Whether these settings let us answer: that takes a person's token."""
        return self.refresh_token is not None

    def own(self) -> frozenset[str]:
        """Return the channels that are known to be ours."""
        said = self.own_channel_ids if self.own_channel_ids is not None else (self.channel_id,)
        return frozenset(filter(None, said))
