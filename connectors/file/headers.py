"""Recognises columns by the names that exports of review sites and shops give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from connectors.file.settings import Columns
from connectors.ratings import parse_rating

FIELDS = tuple(Columns.model_fields)
"""The order in which a row's values are handed on."""

# One line a field; the earlier name wins where a file has several. Names are folded: lower case
# without accents, blanks and punctuation. Where two fields share a name, the values decide.
_NAMES = {
    "id": "reviewid id uid uuid guid externalid commentid postid tweetid messageid ticketid "
    "complaintid feedbackid responseid recordid idreclamacao bewertungsid identifier kennung",
    "text": "reviewtext reviewbody reviewcontent text body content reviewcomment comment comments "
    "review message narrative consumercomplaintnarrative feedback remarks description opinion "
    "reviewdescription fulltext tweet post bewertungstext kommentar rezension nachricht bewertung "
    "texto comentario comentarios resena opinion mensaje contenido texte avis commentaire message "
    "contenu testo recensione commento descricaoreclamacao comentario avaliacao mensagem descricao "
    "tekst beoordeling opmerking summary",
    "title": "reviewtitle title headline subject reviewsubject heading reviewheadline titel "
    "betreff uberschrift titulo asunto titre sujet titolo oggetto assunto onderwerp summary",
    "rating": "reviewrating starrating ratingvalue rating stars star score reviewscore "
    "reviewerscore overallrating overall userrating customerrating ratings grade sterne "
    "bewertung note punkte punktzahl calificacion puntuacion estrellas valoracion "
    "etoiles evaluation voto stelle valutazione punteggio nota estrelas avaliacao pontuacao "
    "sterren cijfer nps csat",
    "rating_max": "ratingmax maxrating bestrating scale outof ratingscale maximum maxscore",
    "author": "reviewauthor authorname author reviewername reviewer username customername user "
    "customer displayname nickname reviewernickname screenname consumer postedby writer guest "
    "guestname fullname name autor verfasser kunde kundenname benutzer benutzername nombre cliente "
    "usuario auteur nom client utilisateur pseudo autore nome utente from",
    "url": "reviewurl reviewlink url link permalink permalinkurl sourceurl weblink href source uri "
    "enlace lien collegamento",
    "created_at": "reviewsubmitdateandtime reviewdate reviewtime createdat datecreated dateposted "
    "postedat datepublished publishedat publisheddate submittedat submissiondate createdtime "
    "createddate created timestamp datetime date time at posted published when "
    "reviewsubmitmillissinceepoch datereceived createdutc erstelltam erstellt datum zeitpunkt "
    "zeit fecha fechacreacion creado dataabertura data datacriacao datacreazione datedecreation",
    "updated_at": "reviewlastupdatedateandtime updatedat lastmodified modifiedat dateupdated "
    "datemodified lastupdated editedat updated modified edited reviewlastupdatemillissinceepoch "
    "geandertam aktualisiert actualizado modifie",
    "language": "reviewerlanguage reviewlanguage language lang locale languagecode sprache idioma "
    "langue lingua taal",
    "location": "locationname location store storename branch branchname shop outlet venue place "
    "placename hotelname restaurant property site standort filiale ort niederlassung sucursal "
    "tienda ubicacion lieu magasin etablissement negozio sede loja unidade vestiging packagename",
    "action": "action event eventtype operation change",
    "reply": "developerreplytext replycontent replytext ownerresponse ownerreply companyreply "
    "businessresponse response reply answer ourreply managementresponse hostresponse antwort "
    "respuesta reponse risposta resposta antwoord",
    "reply_at": "developerreplydateandtime replydate replytime replycreatedat repliedat "
    "ownerresponsedate responsedate responsetime respondedat answeredat "
    "developerreplymillissinceepoch",
}
_ALIASES = {field: tuple(dict.fromkeys(names.split())) for field, names in _NAMES.items()}
_PLAY_CONSOLE = frozenset({"packagename", "reviewlink"})
_NUMBER = re.compile(r"^\s*(?:[\d.,/]+\s*(?:%|stars?|sterne?|\*)?|[★☆⭐]+)\s*$", re.I)
_EVERY = frozenset(name for names in _ALIASES.values() for name in names)


def fold(name: str) -> str:
    """Return a column's name without case, accents, blanks and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold().strip().lstrip("\ufeff"))
    return "".join(c for c in plain if c.isalnum())


def recognised(names: Sequence[str]) -> int:
    """Count the names that some field knows; the measure of a good header."""
    return sum(1 for name in names if fold(name) in _EVERY)


def choose(
    names: Sequence[str], columns: Columns, samples: Mapping[int, Sequence[str]]
) -> dict[str, int]:
    """Return which column each field is read from.

    `names` is the header, `samples` some values of each column. What the settings name is taken
    as named; everything else by its usual names, each column for one field only. A column of
    numbers is no text and a column of sentences no rating, whatever they are called.

    Raises `LookupError` with a sentence when the settings name a column that is not there.
    """
    folded = [fold(name) for name in names]
    chosen: dict[str, int] = {}
    for field in FIELDS:
        wanted = getattr(columns, field)
        if not wanted:
            continue
        if wanted in names:
            chosen[field] = list(names).index(wanted)
        elif fold(wanted) in folded:
            chosen[field] = folded.index(fold(wanted))
        else:
            shown = ", ".join(repr(name) for name in list(names)[:20])
            raise LookupError(f"there is no column {wanted!r}; the columns are {shown}")
    free = [each for each in _ALIASES if each not in chosen and getattr(columns, each) != ""]
    for field in free:
        _choose_by_name(field, folded, chosen, samples)
    if "location" not in chosen and "author" in chosen and columns.location is None:
        # Exports of map services call the place `name` and stand its id beside it.
        place = folded.index("name") if "name" in folded and "placeid" in folded else None
        if place is not None and place not in chosen.values():
            chosen["location"] = place
    if "id" not in chosen and columns.id is None and set(folded) >= _PLAY_CONSOLE:
        # The Play Console writes no id, but a link that carries it; both columns are one.
        chosen["id"] = folded.index("reviewlink")
    return chosen


def called_text(
    names: Sequence[str], columns: Columns, chosen: Mapping[str, int]
) -> dict[str, int]:
    """Return what was chosen, and a column for the text that is called like one, whatever it holds.

    For a table that would otherwise have neither a text nor a rating.
    """
    known = dict(chosen)
    if columns.text is None:
        _choose_by_name("text", [fold(name) for name in names], known, {})
    return known


def _choose_by_name(
    field: str,
    folded: Sequence[str],
    chosen: dict[str, int],
    samples: Mapping[int, Sequence[str]],
) -> None:
    """Choose the first column by a field's usual names that is free and whose values fit."""
    for alias in _ALIASES[field]:
        for index, name in enumerate(folded):
            free = name == alias and index not in chosen.values()
            if free and _fits(field, samples.get(index, ())):
                chosen[field] = index
                return


def _fits(field: str, values: Sequence[str]) -> bool:
    filled = [value for value in values if value.strip()]
    if not filled or field not in ("rating", "text"):
        return True
    if field == "rating":
        ratings = sum(1 for v in filled if len(v) <= 24 and parse_rating(v)[0] is not None)
        return ratings * 5 >= len(filled) * 4
    return sum(1 for value in filled if _NUMBER.match(value)) * 2 < len(filled)
