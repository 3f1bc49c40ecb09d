"""Signs of advertising and noise, and of reviews that may be fake.

Careful on purpose: a complaint taken for spam is a customer nobody hears. One sign alone, a link
or a word of commerce, is not enough; equal texts are not spam either, since four of ten reviews
of apps say what others said before. Signs of a fake never change what is decided: they are
shown, and a person draws the conclusion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.assess.signs import EMOJI

_LINK = re.compile(
    r"https?://|www\.|\b[a-z0-9-]{1,63}\.(?:com|net|ru|xyz|top|shop|club|info)/", re.I
)
_REPEATED = re.compile(r"(.)\1{29,}", re.DOTALL)
_PROMOTION_WORDS = """
bitcoin crypto forex casino betting viagra cialis whatsapp telegram investment invest loan loans
earn earning profit profits giveaway promo discount followers subscribe click referral bonus
hacker recovery escort seo gewinnspiel kredit casinos inversion prestamo pret rencontre recover
wallet airdrop jackpot lottery seguidores followers abonnes prestiti guadagna lening volgers
emprestimo renda coupon voucher backlinks airdrops nft trading trader
"""
_PROMOTION = frozenset(_PROMOTION_WORDS.split())
_PHRASES = (
    "click here",
    "work from home",
    "earn money",
    "make money",
    "dm me",
    "contact him",
    "contact her",
    "contact them",
    "100 free",
    "free followers",
    "buy followers",
    "limited offer",
    "link in bio",
    "check my profile",
    "my channel",
    "use my code",
    "use code",
    "referral code",
    "promo code",
    "link in der bio",
    "geld verdienen",
    "gana dinero",
    "link en mi",
    "gagnez",
    "lien en bio",
    "guadagna da casa",
    "verdien geld",
    "ganhe dinheiro",
    "renda extra",
)
# With one word of each phrase: without any of these nothing is advertised.
_ADVERTISING = _PROMOTION.union(max(phrase.split(), key=len) for phrase in _PHRASES)
_SUPERLATIVES_WORDS = """
best amazing awesome perfect incredible fantastic unbelievable outstanding phenomenal
exceptional excellent superb wonderful magnificent flawless greatest ultimate beste besten
perfekt unglaublich fantastisch mejor increible perfecto excelente perfecta meilleur incroyable
parfait parfaite migliore incredibile perfetto perfetta geweldig perfect melhor incrivel
perfeito perfeita
"""
_SUPERLATIVES = frozenset(_SUPERLATIVES_WORDS.split())
_NO_SIGN = ("", "")
_MANY_SUPERLATIVES = 4
_SHARE_OF_SUPERLATIVES = 0.12


def sign_of_spam(text: str, words: Sequence[str]) -> tuple[str, str]:
    """The name of a sign of spam and what it is in words, or two empty strings.

    ``text`` still has its links, ``words`` are folded.
    """
    if not _ADVERTISING.isdisjoint(words):
        sign = _sign_of_advertising(text, words)
        if sign:
            return sign
    if len(words) <= 1 and len(text) >= 60:
        # A row of angry faces is a mood, not noise; "sooo slow!!!!!" is two words.
        kinds = set(text) - {" ", "\n"}
        if kinds and kinds.isdisjoint(EMOJI) and (len(kinds) <= 3 or _REPEATED.search(text)):
            return "noise", "the same characters again and again"
    return _NO_SIGN


def _sign_of_advertising(text: str, words: Sequence[str]) -> tuple[str, str] | None:
    links = len(_LINK.findall(text)) if "/" in text or "www." in text else 0
    promotion = len(_PROMOTION.intersection(words))
    if not links and promotion < 2:
        return None
    said = f" {' '.join(words)} "
    phrases = sum(f" {phrase} " in said for phrase in _PHRASES)
    if links >= 3 and promotion + phrases >= 1:
        return "links", "several links and words of advertising"
    if links and promotion + phrases >= 2:
        return "link", "a link and words of advertising"
    if phrases >= 2 and promotion >= 2:
        return "advertising", "words of advertising"
    return None


def signs_of_fake(words: Sequence[str], stars: float | None) -> list[str]:
    """Names of signs that a review with stars may not be a customer's; mostly none."""
    if stars is None or 0.0 < stars < 1.0:
        return []
    found = []
    superlatives = len([word for word in words if word in _SUPERLATIVES])
    if superlatives >= _MANY_SUPERLATIVES and superlatives >= _SHARE_OF_SUPERLATIVES * len(words):
        found.append("superlatives")
    if "whatsapp" in words or "telegram" in words:
        found.append("contact")
    return found
