"""Counts the length of a post as X counts it (its configuration 3 for weighted characters).

Latin and most other letters count one, all the rest two: Chinese, Japanese, Korean, emoji. An
emoji counts two however many code points make it, and every link counts 23. The text is counted
in Unicode's composed form.
"""

from __future__ import annotations

import re
import unicodedata

LIMIT = 280
URL_LENGTH = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_GENERIC = (
    "com org net edu gov mil int info biz name pro coop app dev shop store online site cafe "
    "restaurant blog news tech cloud page link example"
)
_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs "
    "bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee "
    "eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk "
    "hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la "
    "lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my "
    "mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro "
    "rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk "
    "tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_TLD = "|".join(f"{_GENERIC} {_COUNTRIES}".split())
_URL = re.compile(
    r"https?://[^\s<>\"]+[^\s<>\".,;:!?'()\]\[]"
    rf"|(?<![\w@.#$/-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TLD})(?![\w@-])(?:/[^\s<>\"]*"
    r"[^\s<>\".,;:!?'()\]\[])?",
    re.I,
)
_TONES = range(0x1F3FB, 0x1F400)
_JOINER, _PICTURE, _KEYCAP = 0x200D, 0xFE0F, 0x20E3
_MOST_JOINED = 4
"""No emoji joins more pictures than a family does."""
_TAGS = range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)


def weighted_length(text: str) -> int:
    """Return the length of a post's text in weighted characters."""
    text = unicodedata.normalize("NFC", text)
    text, links = _URL.subn("", text)
    count = links * URL_LENGTH
    if text.isascii():
        return count + len(text)
    position = 0
    while position < len(text):
        end = _emoji_end(text, position)
        if end:
            count += 2
            position = end
            continue
        count += _weight(ord(text[position]))
        position += 1
    return count


def links_in(text: str) -> int:
    """Return how many links X would see in `text`."""
    return len(_URL.findall(unicodedata.normalize("NFC", text)))


def _weight(code: int) -> int:
    return 1 if any(first <= code <= last for first, last in _LIGHT) else 2


def _emoji_end(text: str, start: int) -> int:
    """Return where the emoji that starts at `start` ends, or 0 where none starts."""
    code = ord(text[start])
    following = [ord(char) for char in text[start + 1 : start + 3]]
    if code in _FLAGS and following and following[0] in _FLAGS:
        return start + 2
    if text[start] in "0123456789#*" and _KEYCAP in following:
        return start + 2 + following.index(_KEYCAP)
    if not _is_picture(code):
        return 0
    end, joined = start + 1, 1
    while end < len(text):
        code = ord(text[end])
        if code in _TONES or code == _PICTURE or code in _TAGS:
            end += 1
        elif (
            code == _JOINER
            and joined < _MOST_JOINED
            and end + 1 < len(text)
            and _is_picture(ord(text[end + 1]))
        ):
            end += 2
            joined += 1
        else:
            break
    return end


def _is_picture(code: int) -> bool:
    return (
        (0x1F000 <= code <= 0x1FAFF and code not in _FLAGS)
        or 0x2600 <= code <= 0x27BF
        or code in (0x231A, 0x231B, 0x2328, 0x23CF, 0x2B50, 0x2B55)
    )
