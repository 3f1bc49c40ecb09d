"""Invented reviews in any number, for measuring: the same seed gives the same texts."""

from __future__ import annotations

import csv
import random
from pathlib import Path

PRAISE = {
    "en": (
        "Lovely place, the flat white was excellent and the staff remembered my name",
        "Great app, does what it says and the new map is a joy to use",
    ),
    "de": ("Sehr freundlich und schnell, der Kuchen war frisch und wir kommen gern wieder",),
    "es": ("Muy buen trato y todo limpio, volveremos seguro con los niños",),
    "fr": ("Accueil chaleureux, service rapide, rien à redire sur notre petit déjeuner",),
}
COMPLAINT = {
    "en": (
        "We waited fifty minutes for a cold soup and nobody apologised, never again",
        "The app crashes every time I open the basket and support does not answer",
        "Charged twice for one order and still no refund after three weeks of asking",
    ),
    "de": (
        "Der Kellner war unfreundlich und das Essen kalt, das Geld hätten wir uns sparen können",
    ),
    "es": ("El pedido llegó roto y nadie responde al teléfono, una vergüenza",),
    "fr": ("Serveur impoli, table sale et une heure d'attente pour deux cafés",),
}
DETAILS = {
    "en": (
        "on a Tuesday morning",
        "with my parents",
        "near the window",
        "after a long walk",
        "for the second time this year",
        "just before closing",
    ),
    "de": ("am Dienstagmorgen", "mit meinen Eltern", "kurz vor Ladenschluss"),
    "es": ("un martes por la mañana", "con mis padres", "justo antes de cerrar"),
    "fr": ("un mardi matin", "avec mes parents", "juste avant la fermeture"),
}
NAMES = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Fatou", "Goran", "Hana", "Inés", "Jonas")


def write_csv(path: Path, rows: int, *, complaints: float = 0.25, seed: int = 7) -> None:
    """Write `rows` invented reviews with id, author, stars, text and date."""
    dice = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "author", "rating", "title", "text", "created_at"])
        for number in range(rows):
            bad = dice.random() < complaints
            said = COMPLAINT if bad else PRAISE
            language, text = dice.choice([(key, one) for key in said for one in said[key]])
            text = f"{text} {dice.choice(DETAILS[language])}, {dice.randrange(10_000)}."
            writer.writerow(
                [
                    f"r{number}",
                    f"{dice.choice(NAMES)} {chr(65 + number % 26)}.",
                    dice.choice((1, 2)) if bad else dice.choice((4, 5)),
                    "",
                    text,
                    f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T10:00:00Z",
                ]
            )
