"""What a page says when something cannot be done: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """An error page in words. `keep` is what the person had typed: it is shown again."""

    status: int
    heading: str
    happened: str
    remedy: str
    keep: str = ""


class Refused(Exception):
    """A request that is answered with a `Problem` instead of a page."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.heading)
        self.problem = problem


NOT_SIGNED_IN = Problem(
    401,
    "You are not signed in",
    "This browser has no session, or its session ended.",
    "Open the link that `rapport run` printed, or print a new one with `rapport link`.",
)
WRONG_HOST = Problem(
    421,
    "This is not the address of this server",
    "The request names a host that this Rapport does not answer for.",
    "Use the link that `rapport run` prints. To be reached under another name, set `web.base_url` "
    "in config.yaml to it.",
)
TOO_LARGE = Problem(
    413,
    "That is too much",
    "The request is larger than 1 MB; nothing was saved.",
    "Go back and send a shorter text.",
)
NOT_A_FORM = Problem(
    415,
    "Only forms are understood here",
    "The request's body is no form.",
    "Use the buttons of the page. Programs use the `rapport` command.",
)
BAD_FORM = Problem(
    400,
    "The form cannot be read",
    "The form is incomplete or broken; nothing was saved.",
    "Go back, load the page anew, and try again.",
)
OLD_FORM = Problem(
    403,
    "This page is too old to be trusted",
    "The form belongs to an earlier sign-in, or came from another website; nothing was done.",
    "Load the page anew and try again. What you typed stands below.",
)
STORE_SILENT = Problem(
    503,
    "The store does not answer",
    "The database cannot be reached at the moment; nothing was changed.",
    "Wait a moment and load the page again. `rapport status` says more.",
)
FAILED = Problem(
    500,
    "Something went wrong here",
    "That is a fault of Rapport, not yours; it was written to the log.",
    "Go back and try again. If it happens again, the log's last line says where.",
)

_KNOWN = {
    400: BAD_FORM,
    404: Problem(
        404,
        "There is no such page",
        "Nothing is found at this address.",
        "Go on from the queue.",
    ),
    405: Problem(
        405,
        "That cannot be done at this address",
        "The page exists, but not for this kind of request.",
        "Open the page from the queue and use its buttons.",
    ),
    422: BAD_FORM,
}


def problem_for(status: int) -> Problem:
    """Return the words for a status that the framework answered with."""
    known = _KNOWN.get(status)
    if known is not None:
        return known
    if status >= 500:
        return FAILED
    return Problem(status, "That cannot be done", "The request was refused.", "Go back to try.")


def no_case(ref: str) -> Problem:
    """Return the words for a case that does not exist."""
    return Problem(
        404,
        "There is no such case",
        f"No case is called {ref[:40]}.",
        "Cases look like C-42. Search for the text or the author in the queue.",
    )
