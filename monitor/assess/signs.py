"""Signs beside the words: emoji and emoticons, shouting."""

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
# Where emoji stand in Unicode; three ranges are looked through faster than a hundred signs.
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]")
# What comes before is looked at last: a search for one of few characters is a fast one.
_EMOTICON = re.compile(
    r"(?:[:;=](?<![\w:/].)['^-]?[()\[\]DPp/\\|]|<(?<![\w:/].)/?3|[xX](?<![\w:/].)D)(?![\w/])",
    re.ASCII | re.DOTALL,
)
_LONG_ENOUGH = 12
_CALM: tuple[float, Sequence[str]] = (0.0, ())
_SAD = frozenset("([/\\|")


def emoji_mood(text: str) -> tuple[float, Sequence[str]]:
    """The mean mood of the emoji and emoticons, -1..1, and the unhappy ones found."""
    plain = text.isascii()
    eyes = ":" in text or "<3" in text or ";" in text or "=" in text or "xD" in text
    if plain and not eyes:
        return _CALM
    moods: list[float] = []
    bad: list[str] = []
    if not plain:
        for sign in _EMOJI.findall(text):
            mood = EMOJI.get(sign)
            if mood is not None:
                moods.append(mood)
                if mood < 0 and sign not in bad:
                    bad.append(sign)
    if eyes:
        for found in _EMOTICON.findall(text):
            sad = found == "</3" or (found[0] in ":;=" and found[-1] in _SAD)
            moods.append(-0.7 if sad else 0.7)
            if sad and found not in bad:
                bad.append(found)
    return (sum(moods) / len(moods) if moods else 0.0), bad


def shouting(text: str) -> bool:
    """Whether a text of some length is all in capitals."""
    return text.isupper() and len(text) >= _LONG_ENOUGH
