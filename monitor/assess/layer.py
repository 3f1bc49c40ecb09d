"""What was learned from staff, on top of a shipped model.

A layer stretches and moves the model's evidence and gives some words a weight of their own. It
is plain numbers, kept in the store as JSON, and can be taken away again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_FEWEST = 8


@dataclass(frozen=True, slots=True)
class LocalLayer:
    """``scale`` and ``base`` are applied to the log-odds of the shipped model, ``words`` are
    weights of features beside it. ``version`` names it in each assessment."""

    version: str
    scale: float = 1.0
    base: float = 0.0
    words: Mapping[str, float] = field(default_factory=dict)

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
        }


def layer_of(content: Mapping[str, Any]) -> LocalLayer:
    """Read a stored layer. Raises ValueError for what is none: a bad one must not judge."""
    try:
        words = {str(word): float(weight) for word, weight in content["words"].items()}
        layer = LocalLayer(
            str(content["version"]), float(content["scale"]), float(content["base"]), words
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a layer that can be read: {error!r}") from None
    if not all(map(math.isfinite, (layer.scale, layer.base, *words.values()))):
        raise ValueError("a layer holds finite numbers only")
    return layer
