"""The pages for staff, and the demo platform that may run beside the daemon."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from monitor.config.values import Listen, Section, Url, Words, split_listen


class Web(Section):
    """The queue and the reports as web pages."""

    listen: Listen = Field(
        default="127.0.0.1:8320",
        description="Address and port to listen on.",
        examples=["127.0.0.1:8320"],
    )
    base_url: Url | None = Field(
        default=None,
        description="The link under which staff reach the pages. Without it, made from `listen`.",
        examples=["https://rapport.example"],
    )

    @property
    def host(self) -> str:
        """The address to bind."""
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        """The port to bind; 0 lets the system choose."""
        return split_listen(self.listen)[1]

    @property
    def url(self) -> str:
        """The link for staff, without a slash at its end."""
        return (self.base_url or f"http://{self.listen}").rstrip("/")


class Demo(Section):
    """The demo platform: an invented review board and feed on this machine."""

    listen: Listen = Field(
        default="127.0.0.1:8321",
        description="Address and port of the demo platform.",
        examples=["127.0.0.1:8321"],
    )
    speed: Annotated[float, Words("number", "600")] = Field(
        default=600.0,
        strict=True,
        gt=0,
        le=100_000,
        description="How many seconds of its scripted week pass in one second.",
        examples=[600],
    )

    @property
    def host(self) -> str:
        """The address to bind."""
        return split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        """The port to bind; 0 lets the system choose."""
        return split_listen(self.listen)[1]
