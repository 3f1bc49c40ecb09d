"""Reads what drafting and checking need to know about a case: the facts on the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from connectors.base import Capabilities, ConnectorKind
from monitor.assess import TOPICS
from monitor.cases.labels import said_complaint, topics_said
from monitor.cases.words import word_to_answer
from monitor.intake.reference import reference
from monitor.intake.sighting import fraction
from monitor.models import Assessment, Case, Draft, Mention
from monitor.platforms import Platforms, UnknownSource
from responders.by_hand import why_by_hand
from responders.claims import is_doubtful
from responders.drafts import DraftFacts
from responders.rules import Finding, ReplyFacts, Strictness, check_reply
from responders.rules.strictness import SHIPPED
from responders.voices import Voice
from responders.wished import newest_wish

LATELY = 20
"""How many earlier replies of a source a new one must differ from."""

UNKNOWN_PLATFORM = Capabilities(can_reply=False, reply_mode="manual", may_use_ai=False)
"""What holds for a source that was taken out of the configuration: a person posts by hand, and
nothing leaves, for its platform's terms are not known."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about the word to answer, for the drafter and the reply rules."""

    word: Mention
    drafting: DraftFacts
    checking: ReplyFacts
    strictness: Strictness = SHIPPED

    def findings(self, text: str) -> tuple[Finding, ...]:
        """Return what the reply rules say of `text` as an answer to this word."""
        return check_reply(text, self.checking, self.strictness)


class Desk:
    """Puts the facts of a case together. Reads only."""

    def __init__(
        self,
        platforms: Platforms,
        voices: Mapping[str, Voice],
        own_topics: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._platforms = platforms
        self._voices = voices
        self._own_topics = own_topics or {}

    def kind(self, source_key: str) -> ConnectorKind | None:
        """Return the platform behind a source; None when it is no longer configured."""
        try:
            return self._platforms.kind(source_key)
        except UnknownSource:
            return None

    def capabilities(self, source_key: str) -> Capabilities:
        """Return what the source's platform lets us do."""
        try:
            return self._platforms.capabilities(source_key)
        except UnknownSource:
            return UNKNOWN_PLATFORM

    def why_by_hand(self, source_key: str, word: Mention) -> str:
        """Return why Rapport does not publish an answer to `word` itself; empty when it does."""
        return why_by_hand(
            self.kind(source_key),
            self.capabilities(source_key),
            addressed_to_us=word.addressed_to_us,
        )

    def answer_page(self, source_key: str, word: Mention) -> str:
        """Return the page on which a person answers `word` by hand; empty when none is known."""
        try:
            return self._platforms.answer_page(source_key, reference(word))
        except UnknownSource:
            return word.url

    def voice(self, brand_key: str, brand_name: str) -> Voice:
        """Return the brand's voice; a plain one for a brand no longer configured."""
        return self._voices.get(brand_key, Voice(brand_name, brand_name, ""))

    def known_topics(self, brand_key: str) -> tuple[str, ...]:
        """Return what a complaint about a brand may be about: the shipped topics and its own."""
        return tuple(dict.fromkeys((*TOPICS, *self._own_topics.get(brand_key, ()))))

    def facts(self, session: Session, case: Case, version: int) -> Facts:
        """Return the facts for draft `version` of the case."""
        word = word_to_answer(session, case)
        judgement = session.scalars(
            select(Assessment).where(
                Assessment.mention_id == word.id, Assessment.revision == word.revision
            )
        ).first()
        kind = self.kind(case.source.key)
        capabilities = self.capabilities(case.source.key)
        voice = self.voice(case.brand.key, case.brand.name)
        wish, refused = newest_wish(session, case.id)
        previous, said = self._said_lately(session, case, version)
        measure = self._measure(case.source.key)
        rating = fraction(word.rating, word.rating_min, word.rating_max)
        named = topics_said(session, word.id, word.revision)
        signature = _signed(voice.signature, capabilities.must_say)
        drafting = DraftFacts(
            text=word.text,
            title=word.title,
            author_name=word.author_name,
            rating=rating,
            language=word.language,
            topics=_topics(named, judgement),
            named=named,
            urgency=case.urgency,
            complaint=judgement.complaint if judgement else True,
            doubtful=judgement is not None
            and is_doubtful(judgement, rating)
            and not said_complaint(session, word.id, word.revision),
            platform=kind.title if kind else case.source.connector,
            brand_name=voice.name,
            location_name=case.location.name if case.location else "",
            contact=voice.contact,
            signature=signature,
            max_length=capabilities.max_length,
            measure=measure,
            is_follow_up=word.id != case.mention_id,
            reply_is_public=capabilities.reply_is_public,
            previous_replies=previous,
            seed=f"{case.id}:{version}",
            languages=voice.languages,
            may_use_ai=capabilities.may_use_ai,
            brand_key=case.brand.key,
            source_key=case.source.key,
            wish=wish if wish.tone else replace(wish, tone=voice.tone),
            refused=refused,
        )
        strict = voice.strictness
        checking = ReplyFacts(
            language=word.language,
            platform=case.source.connector,
            contact=voice.contact,
            max_length=capabilities.max_length,
            measure=measure,
            length_unit=capabilities.length_unit,
            reply_is_public=capabilities.reply_is_public,
            previous_replies=said,
            brand_name=voice.name,
            signature=signature,
            author_name=word.author_name,
            mention_text=word.text,
            sensitive=strict.sensitive,
            has_lawyers=strict.has_lawyers,
            never_say=strict.never_say,
            may_offer=strict.may_offer,
            objections=self._objections(case.source.key),
        )
        drafting = replace(drafting, checking=checking)
        if strict.may_block_more:
            drafting = replace(drafting, is_forbidden=partial(_is_forbidden, checking, strict))
        return Facts(word, drafting, checking, strict)

    def check(self, session: Session, case: Case, text: str, version: int) -> tuple[Finding, ...]:
        """Return what the reply rules say of `text` on this case now."""
        return self.facts(session, case, version).findings(text)

    def length(self, source_key: str, text: str) -> int:
        """Return the length of `text` in the unit of a source's platform."""
        return self._measure(source_key)(text)

    def _measure(self, source_key: str) -> Callable[[str], int]:
        """Return how the source's platform counts the length of a text."""

        def measure(text: str) -> int:
            try:
                with self._platforms.borrow(source_key) as connector:
                    return connector.measure(text)
            except UnknownSource:
                return len(text)

        return measure

    def _objections(self, source_key: str) -> Callable[[str], tuple[str, ...]]:
        """Return how the source's connector finds what its platform would refuse."""

        def objections(text: str) -> tuple[str, ...]:
            try:
                with self._platforms.borrow(source_key) as connector:
                    return connector.objections(text)
            except UnknownSource:
                return ()

        return objections

    @staticmethod
    def _said_lately(
        session: Session, case: Case, version: int
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what a new wording, and what an answer, must differ from; newest first.

        That is what was said or waits to be said on this source; a draft that nobody has
        approved yet counts, for it may be published first. A new wording must also differ from
        every earlier draft of this case; an answer need not, or a word mended by hand would make
        it a copy of itself.
        """
        waits_or_said = and_(
            Case.source_id == case.source_id, Draft.state.in_(("proposed", "approved"))
        )
        found = session.execute(
            select(Draft.text, Draft.case_id, Draft.state)
            .join(Case, Case.id == Draft.case_id)
            .where(
                or_(waits_or_said, Draft.case_id == case.id),
                or_(Draft.case_id != case.id, Draft.version < version),
            )
            .order_by(Draft.id.desc())
            .limit(LATELY)
        ).all()
        said = [text for text, of, state in found if of != case.id or state == "approved"]
        return tuple(text for text, _, _ in found), tuple(said)


def topics_of(session: Session, word: Mention, judgement: Assessment | None) -> tuple[str, ...]:
    """Return what a mention, as it reads now, is about: a person's word on it counts first."""
    return _topics(topics_said(session, word.id, word.revision), judgement)


def _topics(said: tuple[str, ...] | None, judgement: Assessment | None) -> tuple[str, ...]:
    if said is not None:
        return said
    return tuple(judgement.topics) if judgement else ()


def _is_forbidden(checking: ReplyFacts, strict: Strictness, text: str) -> bool:
    """Tell whether a rule keeps `text` from being published."""
    return any(each.severity == "block" for each in check_reply(text, checking, strict))


def _signed(signature: str, must_say: str) -> str:
    """Return a brand's signature with what the platform wants said below it."""
    if must_say and must_say.casefold() not in signature.casefold():
        return f"{signature}\n{must_say}"
    return signature
