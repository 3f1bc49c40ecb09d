"""Says how far an approved answer is, in the words that every face uses."""

from __future__ import annotations

from responders.views import ApprovalView, CaseView, CorrectionView, ObstacleView, ReplyView

STATES = {
    "owed": "Approved; it is being published",
    "started": "On its way to the platform",
    "unknown": "Sent, and no answer came back; Rapport looks before it sends again",
    "accepted": "The platform took it and does not show it yet",
    "published": "Published",
    "refused": "The platform refused it",
    "withdrawn": "It was taken back before it was sent",
    "replaced": "A later answer took its place",
    "withdrawing": "It is being taken down, and stands there until then",
    "removed": "It was taken down",
    "handed_over": "Approved; to be posted by hand",
}
LOOK_YOURSELF = "look there yourself, then say here what you see"


def reply_words(reply: ReplyView) -> str:
    """Return a reply's state for people, without times: a sentence that has no full stop."""
    if reply.waits_for:
        return f"Approved; it waits and goes out by itself: {reply.waits_for}"
    if reply.may_be_taken_back:
        return "Approved; it leaves in a few seconds, and can be taken back until then"
    if reply.state == "handed_over" and reply.is_unclear:
        return "It may stand there already: look before you post it by hand"
    if reply.state == "accepted" and not reply.looks_on:
        return f"Submitted, and Rapport has not seen it there: {LOOK_YOURSELF}"
    if reply.by_hand and reply.state == "accepted":
        return "Posted by hand; Rapport looks until it sees it there"
    if reply.is_unseen and reply.state == "published":
        return "Posted by hand; this platform does not tell Rapport whether it is visible"
    return STATES.get(reply.state, reply.state)


def publish_words(
    platform: str, name: str, by_hand: bool, correction: CorrectionView | None
) -> str:
    """Return what approving does, as a button says it: where, as whom, and beside or over what."""
    if by_hand and correction is not None:
        return f"Approve the correction, to post by hand on {platform}"
    if by_hand:
        return f"Approve, to post by hand on {platform}"
    if correction is None:
        return f"Publish on {platform} as {name}"
    if correction.replaces:
        return f"Replace the published reply on {platform} as {name}"
    return f"Publish a second reply beside the first on {platform} as {name}"


def correction_words(correction: CorrectionView) -> str:
    """Return what becomes of the reply that is put right: a sentence or two."""
    told = f"A published reply is being put right; {correction.approved_by} approved it."
    if correction.replaces:
        return f"{told} The new text takes its place."
    return f"{told} This platform keeps both: the new one will stand beside it."


def approval_words(approval: ApprovalView) -> str:
    """Return whose word a draft needs: a sentence without a full stop."""
    why = f" ({approval.because.rstrip('.')})" if approval.because else ""
    if not approval.two_people:
        return f"A manager must approve this{why}"
    one = ", one of them a manager" if approval.manager else ""
    if approval.given_by:
        return f"{approval.given_by} has approved it; a second person must do so too{one}{why}"
    return f"Two people must approve this text{one}{why}"


def obstacle_words(obstacle: ObstacleView) -> str:
    """Return what stands against answering: a sentence or two."""
    told = []
    if obstacle.answer:
        told.append("Somebody has answered on the platform.")
    if obstacle.locked:
        told.append(f"The platform takes no answer there: {obstacle.locked.rstrip('.')}.")
    return " ".join(told)


def going_on(view: CaseView) -> str:
    """Return the name of the act of approving despite an obstacle."""
    obstacle = view.obstacle
    assert obstacle is not None, "only asked where something stands against it"
    if not obstacle.answer:
        return "Try all the same" if view.can_publish else "Approve all the same"
    if not view.can_publish:
        return "Approve ours all the same"
    return "Replace it with ours" if obstacle.replaces else "Put ours beside it"
