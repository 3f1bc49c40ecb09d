"""Signs beside the words: emoji and emoticons, shouting, advertising."""

from __future__ import annotations

import re
from collections.abc import Sequence

_GOOD = (
    "😀😃😄😁😆😂🤣😊😇🙂😍🥰😘😋😎🤩🥳👍👏🙌🙏💪❤🧡💛💚💙💜"
    "💕💖💗💯🎉🏆⭐🌟✨👌✅😻🤗💐🌹🔥♥☺😉🤝🫶"
)
_BAD = (
    "😞😠😡🤬😤😢😭😩😫😖😣😕🙁☹😒🙄😑😐😬🤢🤮👎💔😱😨😰😥😓"
    "🤦🤷😾🖕💩😔😟🤡❌🚫⛔😳🤨😵🥴😷🤒🤕👿😈"
)
_STRONG = "😡🤬🤮🤢👎🖕💩😠😤😭👿"

EMOJI = {
    **dict.fromkeys(_GOOD, 1.0),
    **dict.fromkeys(_BAD, -0.7),
    **dict.fromkeys(_STRONG, -1.0),
    # Seen with every mood.
    **dict.fromkeys("🔥🙏😳😂🤣✨", 0.4),
}
_EMOTICON = re.compile(
    r"(?<![\w:/])(?:[:;=]['^-]?[()\[\]DPp/\\|]|<3|</3|:'\(|[xX]D)(?![\w/])", re.ASCII
)
_SAD = frozenset("([/\\|")


def emoji_mood(text: str) -> tuple[float, list[str]]:
    """The mean mood of the emoji and emoticons, -1..1, and the unhappy ones found."""
    moods: list[float] = []
    bad: list[str] = []
    if not text.isascii():
        for sign in text:
            mood = EMOJI.get(sign)
            if mood is not None:
                moods.append(mood)
                if mood < 0 and sign not in bad:
                    bad.append(sign)
    if ":" in text or ";" in text or "=" in text or "<3" in text or "xD" in text:
        for found in _EMOTICON.findall(text):
            sad = found == "</3" or (found[0] in ":;=" and found[-1] in _SAD)
            moods.append(-0.7 if sad else 0.7)
            if sad and found not in bad:
                bad.append(found)
    return (sum(moods) / len(moods) if moods else 0.0), bad


def shouting(text: str) -> bool:
    """Whether a good part of a text of some length is in capitals."""
    if text.islower():
        return False
    upper = sum(1 for word in text.split() if len(word) > 3 and word.isupper())
    return upper >= 3


_LINK = re.compile(
    r"https?://|www\.|\b[a-z0-9-]{1,63}\.(?:com|net|ru|xyz|top|shop|club|info)/", re.I
)
_REPEATED = re.compile(r"(.)\1{29,}", re.DOTALL)
_PROMOTION = frozenset(
    [
        "bitcoin",
        "crypto",
        "forex",
        "casino",
        "betting",
        "viagra",
        "cialis",
        "whatsapp",
        "telegram",
        "investment",
        "invest",
        "loan",
        "loans",
        "earn",
        "profit",
        "profits",
        "giveaway",
        "promo",
        "discount",
        "followers",
        "subscribe",
        "click",
        "referral",
        "bonus",
        "hacker",
        "recovery",
        "escort",
        "seo",
        "gewinnspiel",
        "kredit",
        "casinos",
        "inversion",
        "prestamo",
        "pret",
        "rencontre",
        "recover",
        "wallet",
        "airdrop",
        "jackpot",
        "lottery",
    ]
)
_PROMOTION_PHRASES = (
    "click here",
    "work from home",
    "earn money",
    "make money",
    "dm me",
    "contact him on",
    "contact her on",
    "contact them on",
    "100% free",
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
)


def is_spam(text: str, folded: str, tokens: Sequence[str]) -> str:
    """Why a text is advertising or noise, in words, or an empty string.

    Careful on purpose: a complaint taken for spam is a customer nobody hears. One sign alone, a
    link or a word of commerce, is not enough; equal texts are not spam either.
    """
    links = len(_LINK.findall(text)) if "." in text or "://" in text else 0
    phrases = sum(phrase in folded for phrase in _PROMOTION_PHRASES)
    if links or phrases:
        promotion = len(_PROMOTION.intersection(tokens))
        if links >= 3 and promotion + phrases >= 1:
            return "several links and words of advertising"
        if links and promotion + phrases >= 2:
            return "a link and words of advertising"
        if phrases >= 2 and promotion >= 2:
            return "words of advertising"
    if len(tokens) <= 3 and len(text) >= 60:
        # A row of angry faces is a mood, not noise.
        kinds = set(text) - {" ", "\n"}
        if kinds and kinds.isdisjoint(EMOJI) and (len(kinds) <= 3 or _REPEATED.search(text)):
            return "the same characters again and again"
    return ""
