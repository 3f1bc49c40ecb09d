"""Signs beside the words: emoji and emoticons, shouting."""

from __future__ import annotations

import re

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
_LONG_ENOUGH = 12
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
    if ":" in text or "<3" in text or ";" in text or "=" in text or "xD" in text:
        for found in _EMOTICON.findall(text):
            sad = found == "</3" or (found[0] in ":;=" and found[-1] in _SAD)
            moods.append(-0.7 if sad else 0.7)
            if sad and found not in bad:
                bad.append(found)
    return (sum(moods) / len(moods) if moods else 0.0), bad


def shouting(text: str) -> bool:
    """Whether a text of some length is all in capitals."""
    return text.isupper() and len(text) >= _LONG_ENOUGH
