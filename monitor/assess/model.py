"""The learned part: what each word and pair says for a complaint, and for praise.

A model is a JSON file a language, made by ``rapport assess train``: a list of features and two
lists of whole numbers. No code is in it and none is run by reading it; sums of whole numbers are
exact, so that equal texts are judged equally to the last bit, in whatever order they are added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from monitor.assess.features import negations_of
from monitor.assess.shipped import read_shipped
from monitor.assess.weights import Names, Said, Weights, lines_of, numbers_of


class Model(NamedTuple):
    """One language's weights: what words say for ``complaint``, and what for ``praise``.

    ``base`` and ``scale`` turn what is said for a complaint into calibrated log-odds where
    ``prior`` of the texts complain; ``kinds`` moves them for a kind of mention. ``praise_base``
    does for praise what ``base`` does for a complaint.
    """

    version: str
    language: str
    base: float
    scale: float
    prior: float
    praise_base: float
    stems: bool
    kinds: Mapping[str, float]
    names: Names
    complaint: Weights
    praise: Weights

    @property
    def negations(self) -> frozenset[str]:
        """The words that turn round what follows."""
        return self.complaint.negations

    def evidence(self, said: Said) -> float:
        """The log-odds of a complaint by the words alone; ``said`` is weighed by `complaint`."""
        return self.base + self.scale * said.log_odds()

    def kindness(self, said: Said) -> float:
        """The log-odds of praise by the words alone; ``said`` is weighed by `praise`."""
        return self.praise_base + said.log_odds()


def read_model(text: str) -> Model:
    """Read what `as_text` writes. Raises ValueError for anything else."""
    read = json.loads(text)
    names, language, stems = Names.from_lines(read["features"]), read["language"], read["stems"]
    negations = negations_of(language)
    return Model(
        version=read["version"],
        language=language,
        base=read["base"],
        scale=read["scale"],
        prior=read["prior"],
        praise_base=read["praise_base"],
        stems=stems,
        kinds=read["kinds"],
        names=names,
        complaint=Weights(names, numbers_of(read["complaint"]), negations, stems),
        praise=Weights(names, numbers_of(read["praise"]), negations, stems),
    )


def as_text(model: Model, made_from: Mapping[str, Any]) -> str:
    """The file of a model, with what it was made from. Equal models give equal files."""
    told = {
        "version": model.version,
        "language": model.language,
        "made_by": "rapport assess train",
        "made_from": made_from,
        "base": model.base,
        "scale": model.scale,
        "prior": model.prior,
        "praise_base": model.praise_base,
        "stems": model.stems,
        "kinds": dict(sorted(model.kinds.items())),
        "features": model.names.as_lines(),
        "complaint": lines_of(model.complaint.in_order()),
        "praise": lines_of(model.praise.in_order()),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in told.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def load_model(language: str) -> Model | None:
    """The shipped model of a language, read once; None where there is none."""
    text = read_shipped("models", f"{language}.json")
    return None if text is None else read_model(text)
