"""What personal data looks like in a customer's text, as far as patterns can tell.

Masking may hide too much: the model then knows less. It must not hide too little, so the
patterns are wider than those of the reply rules, which would bother people with every false find.
"""

from __future__ import annotations

import re

DIGIT_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|"
    "null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun|"
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|"
    "zéro|un|deux|trois|quatre|cinq|sept|huit|neuf|"
    "due|tre|quattro|cinque|sei|sette|otto|nove|"
    "um|dois|três|quatro|sete|oito|"
    "nul|een|twee|drie|vijf|zes|zeven|negen"
)
SPELLED_NUMBER = re.compile(
    rf"(?<!\w)(?:{DIGIT_WORDS})(?:[\s,.-]+(?:{DIGIT_WORDS}|\d{{1,2}})){{3,}}(?!\w)", re.IGNORECASE
)
"""Four figures in a row, in words: a number that does not want to be found."""

_TOP = r"(?:com|net|org|info|biz|io|co|de|at|ch|fr|es|it|nl|pt|eu|uk|be|app|shop|example|test)"
_AT = r"\s*(?:@|\(at\)|\[at\]|\{at\}|\(a\)|<at>)\s*"
_DOT = r"(?:\.|\s*(?:\(dot\)|\[dot\]|\{dot\}|\[\.\]|\(\.\))\s*)"
_SAID_DOT = r"\s+(?:dot|punkt|punto|point|ponto)\s+"
LINK = re.compile(
    r"(?:h(?:tt|xx)ps?\s*:\s*/+|www\s*\.)\S+|"
    r"(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|info|biz|io|co|de|at|ch|fr|es|it|nl|pt|eu|uk|be|"
    r"app|shop|online|site|xyz|top|link|me|ly|gl|example|test)(?:/\S*)?(?![\w@-])|"
    rf"(?<!\w)[a-z0-9-]{{1,63}}(?:{_SAID_DOT}|\s*(?:\(dot\)|\[dot\]|\[\.\]|\(\.\))\s*){_TOP}(?!\w)",
    re.IGNORECASE,
)
EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}})+|"
    rf"[\w.+-]{{1,64}}\s+(?:at|chez|arroba)\s+[\w-]{{1,63}}(?:{_SAID_DOT}[\w-]{{2,63}})+",
    re.IGNORECASE,
)
HANDLE = re.compile(r"(?<![\w@])@[\w.]{2,50}(?:@[\w.-]+)?|(?<!\w)u/[\w-]{3,30}(?!\w)")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
CODE = re.compile(
    r"(?<![\w-])(?=[\w/-]{0,200}\d[\w/-]{0,200}\d[\w/-]{0,200}\d)(?=[\w/-]{0,200}[A-Za-z])[\w/-]{6,200}(?!\w)"
)
"""Letters and at least three figures in one word: order, parcel, passport."""
PLATE = re.compile(r"(?<![\w-])[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?\d{1,4}(?![\w-])")

CUED_NUMBER = re.compile(
    r"(?<!\w)(?:order|booking|reservation|invoice|customer|account|policy|contract|ticket|tracking|"
    r"parcel|reference|member(?:ship)?|room|table|claim|passport|bestell\w*|buchung\w*|kunden\w*|"
    r"rechnung\w*|auftrag\w*|vertrag\w*|sendung\w*|konto\w*|zimmer|tisch|pedido|reserva|factura|"
    r"cliente|cuenta|contrato|habitación|mesa|commande|réservation|facture|client|compte|contrat|"
    r"dossier|chambre|ordine|prenotazione|fattura|camera|encomenda|fatura|quarto|bestelling|"
    r"factuur|klant\w*|kamer)\W{0,4}(?:(?:number|no|nr|num|id|ref|code|nummer|número|numéro|"
    r"numero|n[º°o])\W{0,3}){0,2}(?P<number>#?\d[\w-]*)",
    re.IGNORECASE,
)
LONG_NUMBER = re.compile(r"(?<![\w])[+(#]{0,2}\d(?:[\s().,/·:-]{0,2}\d){4,}(?!\w)")
"""Five figures or more, however they are set apart: telephones, cards, orders, full dates."""

_CAPITAL = r"[A-ZÄÖÜÀ-Þ]"
_WORD = rf"{_CAPITAL}[\w'’.-]{{0,30}}"
ADDRESS = re.compile(
    rf"(?<!\w)\d{{1,5}}[a-z]?,?\s+(?:{_WORD}\s+){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|"
    r"Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Square|Sq|Terrace|Way|Close|Crescent|Gardens|Hill)\b\.?|"
    r"(?<!\w)(?:[A-ZÄÖÜ][\w-]{0,30}\s)?[A-ZÄÖÜ]?[\wäöüß-]{0,30}(?i:straße|strasse|str\.|weg|platz|allee|gasse|"
    r"ring|damm|ufer|markt|straat|laan|plein|gracht|kade|dijk|steeg)\s+\d{1,4}\s?[a-z]?(?!\w)|"
    rf"(?<!\w)(?:Am|An der|Auf der|Im|In der|Unter den|Zum|Zur)\s+(?:{_WORD}\s+){{1,2}}"
    r"\d{1,4}[a-z]?(?!\w)|"
    r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|"
    r"allée|quai|route|cours)\s+[^,.;\n]{2,50}|"
    r"(?<!\w)(?i:calle|c/|avda\.?|avenida|plaza|paseo|carrer|rua|praça|travessa|via|viale|piazza|"
    r"corso|vicolo)\s+[^,.;\n\d]{2,50},?\s*(?:n[.º°o]{0,2}\s*)?\d{1,4}(?!\w)"
)
POSTCODE = re.compile(
    rf"(?<!\w)\d{{5}}\s+{_CAPITAL}[\w-]+|(?<!\w)\d{{4}}\s?[A-Z]{{2}}(?!\w)|(?<!\w)\d{{4}}-\d{{3}}(?!\w)|"
    r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}(?!\w)|(?<!\w)[A-Z]{2}\s\d{5}(?:-\d{4})?(?!\w)"
)
