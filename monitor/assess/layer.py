"""What was learned from staff, on top of a shipped model.

A layer stretches and moves the model's evidence and gives some words a weight of their own. It
is plain numbers, kept in the store as JSON, and can be taken away again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from monitor.assess.lexicon import topics_of

_FEWEST = 8


class LocalLayer(NamedTuple):
    """``scale`` and ``base`` are applied to the log-odds of the shipped model, ``words`` are
    weights of features beside it; ``topics`` has words by topic, as patterns. ``version`` names it
    in each assessment."""

    version: str
    scale: float = 1.0
    base: float = 0.0
    words: Mapping[str, float] = {}
    topics: Mapping[str, Sequence[str]] = {}

    def evidence(self, shipped: float, features: Sequence[str]) -> float:
        """The log-odds of a complaint, from those of the shipped model."""
        known = self.words
        learned = math.fsum(known[each] for each in features if each in known) if known else 0.0
        size = math.sqrt(max(len(features), _FEWEST))
        return self.scale * shipped + self.base + learned / size

    def as_json(self) -> dict[str, Any]:
        """What `layer_of` reads."""
        return {
            "version": self.version,
            "scale": self.scale,
            "base": self.base,
            "words": dict(sorted(self.words.items())),
            "topics": {topic: list(words) for topic, words in sorted(self.topics.items())},
        }


def layer_of(content: Mapping[str, Any]) -> LocalLayer:
    """Read a stored layer; those of earlier versions know no topics.

    Raises ValueError for what is none: a bad one must not judge.
    """
    try:
        words = {str(word): float(weight) for word, weight in content["words"].items()}
        topics = {
            str(topic): tuple(map(str, patterns))
            for topic, patterns in content.get("topics", {}).items()
        }
        topics_of(topics)
        layer = LocalLayer(
            version=str(content["version"]),
            scale=float(content["scale"]),
            base=float(content["base"]),
            words=words,
            topics=topics,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a layer that can be read: {error!r}") from None
    if not all(map(math.isfinite, (layer.scale, layer.base, *words.values()))):
        raise ValueError("a layer holds finite numbers only")
    return layer
