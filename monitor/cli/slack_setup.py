"""``rapport slack setup``: the walk through setting up Slack. Run it again at any time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.say import FAILED, WRONG, fail, say, say_next
from monitor.cli.slack_tokens import Proof, Tokens, ask

if TYPE_CHECKING:
    from monitor.config.problems import Problem
    from responders.slack.client import SlackClient


@click.command()
@click.option(
    "--transport",
    type=click.Choice(["socket", "http"]),
    help="How clicks come in. Default: what is configured, else Socket Mode.",
)
@click.pass_context
def setup(ctx: click.Context, transport: str | None) -> None:
    """Walk through setting up Slack: the app, its tokens, the channel, the approvers, the proof.

    Asks only for what is missing, so it may be run again at any time; answers may be piped in.
    Tokens are taken from the environment, or kept in files that only you can read; the
    configuration gets references to them. In the end each permission is proven by a call that
    needs it. No message is sent.

    \b
    Examples:
      rapport slack setup
      rapport slack setup --transport http
      printf '%s\\n' "$BOT" "$APP" '#complaints' @mara | rapport slack setup
    """
    from monitor.config import default_config_path

    path = default_config_path(ctx.obj)
    walk = _Walk(path, _read(path), transport)
    try:
        walk.through()
    except click.Abort:
        say()
        fail("the answers ended early; what was given is kept: run `rapport slack setup` again")
    failed = walk.prove()
    if failed:
        fail(f"{failed} of the above must be mended; then run `rapport slack setup` again")
    if walk.over_http:
        say("Once Rapport runs, press Retry beside the request URL, under Event Subscriptions.")
    say_next("rapport run")


class _Walk:
    """One walk. `told` is the section as it will be written."""

    def __init__(self, path: Path, raw: dict[str, Any], transport: str | None) -> None:
        self._path = path
        self._tokens = Tokens(path.absolute().parent / "secrets")
        self.told: dict[str, Any] = dict(raw.get("slack") or {})
        self._base_url = str((raw.get("web") or {}).get("base_url") or "")
        if transport is not None:
            self.told["transport"] = transport
        self.over_http = self.told.get("transport") == "http"

    def through(self) -> None:
        """Ask for what is missing and write it down."""
        url = self._request_url() if self.over_http else ""
        self._app(url)
        say("2. Tokens")
        team = self._token("bot_token", self._knows_bot)
        if self.over_http:
            self._token("signing_secret", _always)
        else:
            self._token("app_token", self._opens_socket)
        if team:
            self.told.setdefault("team", team)
        say("3. The channel for the cards")
        self._channel()
        say("4. Who may decide")
        self._approvers()
        self._write()

    def prove(self) -> int:
        """Print what works and what does not; return how many things do not."""
        from monitor.config.loading import examine, read_text
        from responders.slack.composing import settings_of
        from responders.slack.proofs import prove_writing
        from responders.slack.setup import verify

        say("5. The proof")
        text, _ = read_text(self._path)
        config, _ = examine(text, str(self._path), with_secrets=False)
        assert config is not None, "it was checked before it was written"
        assert config.slack is not None, "it has just been written"
        settings = settings_of(config, config.slack)
        client = self._client()
        found = [*verify(client, settings), prove_writing(client, settings)]
        for one in found:
            say(f"   {'ok  ' if one.ok else 'FAIL'} {one.what}")
            if not one.ok:
                say(f"        {one.advice}")
        return sum(not one.ok for one in found)

    # -- the steps -----------------------------------------------------------------------------

    def _request_url(self) -> str:
        """Return where Slack sends requests, asking for the public address if there is none."""
        from monitor.config.slack import REQUEST_PATH

        if not self._base_url.startswith("https://"):
            say("0. Slack sends requests to you: under which https address does it reach you?")
            self._base_url = ask("   address, such as https://rapport.example", _https)
        return self._base_url.rstrip("/") + REQUEST_PATH

    def _app(self, url: str) -> None:
        say("1. The app")
        if self._tokens.found("bot_token", self.told.get("bot_token") or ""):
            say("   there is a token, so there is an app; `rapport slack manifest` shows its shape")
            return
        from responders.slack.setup import creation_link, manifest

        say("   Open this link, choose your workspace, press Create, then Install to Workspace:")
        digest = self.told.get("digest")
        pictures = isinstance(digest, dict) and digest.get("pictures") is True
        say(f"   {creation_link(manifest(request_url=url, pictures=pictures))}")

    def _token(self, name: str, prove: Proof) -> str:
        """Have a reference to a secret that works under `name`; return what the proof says."""
        self.told[name], proven = self._tokens.get(name, self.told.get(name) or "", prove)
        say(f"   {name}: {self.told[name]}")
        return proven

    def _channel(self) -> None:
        from responders.slack.directory import find_channel

        if not self.told.get("channel"):
            client = self._client()
            self.told["channel"] = ask(
                "   its name, link or id (then type /invite @rapport in it)",
                lambda said: find_channel(client, said),
            )
        say(f"   {self.told['channel']}")

    def _approvers(self) -> None:
        from responders.slack.directory import find_person

        if not self.told.get("approvers"):
            client = self._client()
            self.told["approvers"] = ask(
                "   names, ids or profile links, with commas between",
                lambda said: [find_person(client, one) for one in said.split(",") if one.strip()],
            )
        say(f"   {', '.join(self.told['approvers'])}")

    def _write(self) -> None:
        from monitor.config.edit import EditRefused
        from monitor.config.sections import set_section

        before = self._path.read_bytes()
        try:
            left = set_section(self._path, "slack", self.told)
            if self.over_http:
                left = set_section(self._path, "web", {"base_url": self._base_url})
        except (EditRefused, OSError) as error:
            fail(str(error), FAILED)
        if self._path.read_bytes() != before:
            say(f"   written to {self._path}; a running daemon reads it at its start")
        for problem in left:
            say(f"   {problem}")

    # -- Slack ---------------------------------------------------------------------------------

    def _knows_bot(self, reference: str) -> str:
        """Return the workspace's id; raise `NotFound` when the token is refused."""
        from responders.slack.directory import NotFound
        from responders.slack.results import Answer, describe

        answer = self._client(bot_token=reference).call("auth.test", {})
        if not isinstance(answer, Answer):
            raise NotFound(describe(answer))
        say(f"   it is {answer.data.get('user')} at {answer.data.get('team')}")
        return str(answer.data.get("team_id", ""))

    def _opens_socket(self, reference: str) -> str:
        from responders.slack.directory import NotFound
        from responders.slack.results import Answer, describe

        answer = self._client(app_token=reference).open_connection()
        if not isinstance(answer, Answer):
            raise NotFound(describe(answer))
        return ""

    def _client(self, **tokens: str) -> SlackClient:
        """Return a client that remembers no refusal of an earlier token."""
        from connectors.secrets import Secret
        from responders.slack.client import SlackClient
        from responders.slack.settings import SlackSettings

        bot = tokens.get("bot_token") or self.told.get("bot_token") or "env:SLACK_BOT_TOKEN"
        app = tokens.get("app_token") or self.told.get("app_token")
        return SlackClient(
            SlackSettings(
                bot_token=Secret(bot),
                app_token=Secret(app) if app else None,
                channel=self.told.get("channel") or "",
                api_url=self._api_url(),
            )
        )

    def _api_url(self) -> str:
        from responders.slack.settings import SLACK_API

        url = str(self.told.get("api_url") or SLACK_API)
        return url if url.endswith("/") else url + "/"


def _read(path: Path) -> dict[str, Any]:
    """Return the file's values. What is wrong with its Slack section may be what is missing."""
    from monitor.config.loading import examine, read_text
    from monitor.config.yamltree import read

    text, problem = read_text(path)
    problems: list[Problem] = [problem] if problem else []
    if not problems:
        _, found = examine(text, str(path), with_secrets=False)
        problems = [
            one
            for one in found
            if one.severity == "error" and not (one.key == "slack" or one.key.startswith("slack."))
        ]
    if problems:
        for one in problems:
            click.echo(str(one), err=True)
        fail("mend the configuration first", WRONG)
    value = read(text, str(path)).value
    return value if isinstance(value, dict) else {}


def _https(said: str) -> str:
    from urllib.parse import urlsplit

    from responders.slack.directory import NotFound

    parts = urlsplit(said)
    if parts.scheme != "https" or not parts.hostname:
        raise NotFound("Slack sends to https only")
    return said.rstrip("/")


def _always(_reference: str) -> str:
    """Take it: whether a signing secret is the right one shows with Slack's first request."""
    return ""
