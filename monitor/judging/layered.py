"""Holds the assessor in use, and puts another in its place when the layer in the store changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from sqlalchemy import select

from monitor.assess import Assessment, Assessor, LocalLayer, Utterance
from monitor.assess.layer import layer_of
from monitor.db import Database
from monitor.log import logger
from monitor.models import Layer

log = logger(__name__)

ACTIVE = "active"

_IN_USE = select(Layer.id, Layer.base_model, Layer.content).where(Layer.state == ACTIVE)

Build = Callable[[LocalLayer | None], Assessor]
"""Makes the assessor with a layer on top, or without one."""


class LayeredAssessor:
    """Judges by the shipped model with the layer that is in use. Safe to share between threads.

    The layer is read before the first judgement and at each `refresh`, never in between: a page
    is judged as a whole. One for another shipped model, or that cannot be read, is not used.
    """

    def __init__(self, database: Database, build: Build) -> None:
        self._database = database
        self._build = build
        self._lock = Lock()
        self._inner = build(None)
        self.base_model = self._inner.version
        self._layer_id: int | None = None
        self._read = False
        self.version = self.base_model

    def refresh(self) -> None:
        """Take up the layer that the store calls active, or none."""
        with self._lock, self._database.glance() as connection:
            row = connection.execute(_IN_USE).first()
            found = None if row is None else row.id
            if self._read and found == self._layer_id:
                return
            layer = None if row is None else self._usable(row.id, row.base_model, row.content)
            self._inner = self._build(layer)
            self.version = self._inner.version
            if self._read:
                log.info("judging by %s from now on", self.version)
            self._layer_id, self._read = found, True

    def _usable(
        self, layer_id: int, base_model: str, content: dict[str, object]
    ) -> LocalLayer | None:
        if base_model != self.base_model:
            log.warning(
                "layer %d was learned on %s and is not used with %s; learn again with "
                "`rapport assess learn`",
                layer_id,
                base_model,
                self.base_model,
            )
            return None
        try:
            return layer_of(content)
        except ValueError as error:
            log.warning("layer %d is not used: %s; see `rapport assess rollback`", layer_id, error)
            return None

    def _current(self) -> Assessor:
        if not self._read:
            self.refresh()
        return self._inner

    def assess(
        self,
        text: str,
        *,
        title: str = "",
        rating: float | None = None,
        language: str = "",
        kind: str = "",
        share: float | None = None,
        brand: str = "",
    ) -> Assessment:
        """Judge one text by what is in use."""
        return self._current().assess(
            text,
            title=title,
            rating=rating,
            language=language,
            kind=kind,
            share=share,
            brand=brand,
        )

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        """Judge many, all by the same."""
        return self._current().assess_many(utterances)
