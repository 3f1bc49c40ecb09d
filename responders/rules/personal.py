"""Rules on personal data: what must not stand in public, even where the author wrote it first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from responders.names import first_name, full_name
from responders.rules.base import Finding, Reply, Rule, Severity, shorten
from responders.rules.words import found

GDPR = "GDPR Art. 5(1)(b), (f) and 6: no customer data in public answers"
HIPAA = "45 CFR 164.502 (HIPAA) and professional secrecy: do not confirm who is known to you"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_ROLE_MAILBOX = re.compile(
    r"^(?:info|support|help|hello|hola|hallo|bonjour|contact|contacto|kontakt|service|services|"
    r"kundenservice|customer\.?(?:care|service|support)|care|team|office|feedback|reviews?|sales|"
    r"booking|bookings|reservations?|reservas|reception|admin|experience|success|clientes?|"
    r"atencion|serviceclient|assistenza|klantenservice)(?:[.+_-]|@)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|\(\+?)?\d(?:[\d() ./-]{4,}\d)(?![\w%€$£])")
_DATE = re.compile(
    r"^(?:\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})$"
)
_YEARS = re.compile(r"^(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d$")
_AMOUNT = re.compile(r"^\d{1,3}(?:[. ]\d{3})+$")
_ORDER_CUE = re.compile(
    r"\b(?:(?:order|booking|reservation|invoice|customer|account|policy|contract|ticket|tracking|"
    r"parcel|case|reference|member(?:ship)?|claim)(?: (?:number|no\.?|id|ref\.?))?|"
    r"(?:Bestell|Buchungs|Kunden|Rechnungs|Auftrags|Vertrags|Sendungs|Konto|Mitglieds|Vorgangs)"
    r"(?:nummer|-?Nr\.?)|Bestellung|Auftrag|Rechnung|Buchung|"
    r"(?:pedido|reserva|factura|cliente|cuenta|contrato|encomenda|fatura|ordine|prenotazione|"
    r"fattura|bestelling|factuur|klant)(?:nummer)?(?: (?:n\.?[ºo°]|número|numero|num\.?))?|"
    r"(?:commande|réservation|facture|client|compte|contrat|dossier)(?: (?:n\.?[°o]|numéro))?)"
    r"\W{0,4}(?:(?:n[º°]|no\.?|nr\.?)\W{0,2})?(#?(?=[\w-]*\d)[A-Z0-9][A-Z0-9-]{3,})(?![\w-])",
    re.IGNORECASE,
)
_HASH_ID = re.compile(r"(?<!\w)#(?=\w*\d)[A-Za-z0-9-]{5,}")
_THEIRS = re.compile(
    r"(?:(?:call|reach|phon|text|contact|ring|dial|messag|writ|mail)(?:e|ed|ing|e to|ing to)?|"
    r"rang|wrote to) you\b|"
    r"\byour (?:phone|mobile|number|e-?mail|home|cell)|"
    r"\b(?:haben|hatten|rufen|werden) (?:wir )?Sie\b|\bIhre[rnm]? (?:Nummer|Telefon\w*|Handy\w*|"
    r"Rufnummer|E-?Mail\w*|Adresse)|\bSie unter\b(?= *$)|"
    r"\b(?:su|tu) (?:teléfono|número|móvil|correo)|\ble (?:llamamos|hemos llamado|llamaremos)|"
    r"\bvotre (?:numéro|téléphone|mobile|e-?mail|adresse)|\bvous (?:avons )?(?:appelée?|appelons)|"
    r"\bavons (?:\w+ )?(?:écrit|appelé|contacté|envoyé|téléphoné)|"
    r"\b(?:wrote|written|e-?mailed|rung|dialled|messaged)\b|"
    r"\b(?:le|les|te) (?:escrib\w+|hemos (?:escrito|enviado)|enviamos|mandamos)|"
    r"\b(?:l'abbiamo|la|le) (?:abbiamo )?(?:chiamat[oa]|chiamiamo|scritto|inviato|telefonato)|"
    r"\b(?:su[oa]|vostro) (?:numero|telefono|cellulare|indirizzo|e-?mail)|"
    r"\b(?:hebben|belden|mailden|bellen|mailen) (?:we )?u\b|\buw (?:nummer|telefoon\w*|mobiel\w*|"
    r"e-?mail\w*|adres)|"
    r"\b(?:lig[aá]mos|telefon[aá]mos|escrevemos|envi[aá]mos)(?:-lhe)?\b|\b(?:seu|teu) (?:número|"
    r"telefone|telemóvel|celular|e-?mail|endereço)",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:us|me|our|ours|available|mail|send|support|hotline|helpline|helpdesk|service|team|office|reception|desk|call|"
    r"phone|ring|dial|e-?mail|write to|contact|reach out|uns|unser\w*|erreichen|Kundendienst|"
    r"Büro|Zentrale|melden|anrufen|nuestr\w+|nosotros|llám\w+|llame|atención|escríb\w+|"
    r"contáct\w+|contact\w+|nous|notre|nos|appel\w+|joign\w+|écriv\w+|contactez|nossa|nosso|"
    r"nostr\w+|ons|onze|bel|bellen)\b",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"\b(?:privat\w*|direct(?:ly)? (?:message|to)|dm|pm|inbox|privad\w*|privé\w*|direktnachricht|"
    r"e-?mail (?:us|to)|(?:per|by|par|via|por) e-?mail|por correo|via mail)\b",
    re.IGNORECASE,
)
_DIALLED = re.compile(
    r"\b(?:on|at|unter|auf|al|au|allo|op|pelo|para o|tel\w*|phone|number|nummer|numéro|número|"
    r"numero)\W{0,3}$",
    re.IGNORECASE,
)
_TAKE_OUT = "Take it out and go on in private"


def _whose(reply: Reply, start: int) -> str:
    """Tell from the words before `start` whether an address is ``theirs``, ``ours`` or open."""
    before = reply.plain[max(0, start - 70) : start]
    before = re.split(r"[.!?\n]\s", before)[-1]
    if _THEIRS.search(before):
        return "theirs"
    return "ours" if _OURS.search(before) else "open"


def _judge_address(reply: Reply, what: str, value: str, start: int) -> Finding:
    """Judge a phone number or e-mail address that is not the brand's contact."""
    rule = "phone" if what == "phone number" else "email"
    repeated = _bare(value) in _bare(reply.facts.mention_text)
    ours = _ROLE_MAILBOX.match(value) or _whose(reply, start) == "ours"
    if repeated or not ours:
        severity: Severity = "block" if reply.facts.reply_is_public else "warn"
        whose = "out of what the author wrote" if repeated else "that may be the author's"
        message = f"A {what} {whose}: {shorten(value)}. {_TAKE_OUT}"
        return Finding(rule, severity, message, GDPR, value)
    message = (
        f"A {what} that is not the brand's contact: {shorten(value)}. "
        "If it is yours, make it the contact in the configuration"
    )
    return Finding(rule, "warn", message, GDPR, value)


def _bare(value: str) -> str:
    return re.sub(r"[^\w@]+", "", value.casefold())


def _email(reply: Reply) -> Iterator[Finding]:
    own = {address.split("@")[1] for address in _EMAIL.findall(reply.ours)}
    for match in _EMAIL.finditer(reply.plain):
        address = match.group().rstrip(".-")
        if address.casefold() in reply.ours:
            continue
        if address.casefold().split("@")[1] in own and address not in reply.facts.mention_text:
            continue
        yield _judge_address(reply, "e-mail address", address, match.start())


def _bank(reply: Reply) -> Iterator[Finding]:
    for match in _IBAN.finditer(reply.unlinked):
        if _is_iban(match.group()):
            yield _bank_finding(match.group(), "bank account number")
    for match in _NUMBER.finditer(reply.unlinked):
        digits = re.sub(r"\D", "", match.group())
        if 13 <= len(digits) <= 19 and _is_card(digits):
            yield _bank_finding(match.group(), "card number")


def _bank_finding(value: str, what: str) -> Finding:
    hidden = f"{value[:2]}…{value[-2:]}"
    return Finding("bank", "block", f"A {what} ({hidden}). {_TAKE_OUT}", GDPR, hidden)


def _is_iban(value: str) -> bool:
    compact = value.replace(" ", "")
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_card(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0 and len(set(digits)) > 1


def _order_number(reply: Reply) -> Iterator[Finding]:
    severity: Severity = "block" if reply.facts.reply_is_public else "warn"
    seen: set[str] = set()
    text = reply.unlinked
    for match in (*_ORDER_CUE.finditer(text), *_HASH_ID.finditer(text)):
        number = (match.group(1) if match.re is _ORDER_CUE else match.group()).lstrip("#")
        if number in seen or number.casefold() in reply.ours:
            continue
        seen.add(number)
        message = f"An order, booking or customer number: {shorten(number)}. {_TAKE_OUT}"
        yield Finding("order_number", severity, message, GDPR, number)


def _phone(reply: Reply) -> Iterator[Finding]:
    orders = {m.group(1).lstrip("#") for m in _ORDER_CUE.finditer(reply.plain)}
    ours = re.sub(r"\D", "", reply.ours)
    text = reply.unlinked
    for match in _NUMBER.finditer(text):
        value = match.group().strip()
        digits = re.sub(r"\D", "", value)
        if not 7 <= len(digits) <= 15 or value in orders or digits in ours:
            continue
        if digits.startswith("0") and digits[1:] in ours:
            continue  # 030 ... for +49 30 ...
        if _DATE.match(value) or _YEARS.match(value):
            continue
        if _AMOUNT.match(value) and (
            _whose(reply, match.start()) == "open" and not _DIALLED.search(text[: match.start()])
        ):
            continue
        if len(digits) >= 13 and _is_card(digits):
            continue
        yield _judge_address(reply, "phone number", value, match.start())


def _full_name(reply: Reply) -> Iterator[Finding]:
    facts = reply.facts
    whole = full_name(facts.author_name)
    if not whole or not facts.reply_is_public or whole.casefold() not in reply.plain.casefold():
        return
    if first_name(facts.author_name) == whole:
        return
    message = f"The author's full name: {shorten(whole)}. The first name is enough in public"
    yield Finding("full_name", "warn", message, GDPR, whole)


def _confirms(reply: Reply) -> Iterator[Finding]:
    facts = reply.facts
    if not facts.reply_is_public:
        return
    said = found("patient", reply.plain)
    if not said and facts.sensitive:
        said = found("customer", reply.plain)
    if said:
        message = (
            f"It confirms that the author is known to you: “{shorten(said)}”. Speak of what they "
            "describe, not of them as your patient, client or customer"
        )
        yield Finding("confirms", "block" if facts.sensitive else "warn", message, HIPAA, said)


def _asks_data(reply: Reply) -> Iterator[Finding]:
    if not reply.facts.reply_is_public:
        return
    for sentence in reply.sentences:
        said = found("asks_data", sentence)
        contact = reply.facts.contact.casefold()
        if not said or _PRIVATE.search(sentence) or "@" in sentence:
            continue
        if contact and contact in sentence.casefold():
            continue
        message = (
            f"It asks for personal data where everyone can read the answer: “{shorten(said)}”. "
            "Name the private way in the same sentence"
        )
        yield Finding("asks_data", "warn", message, GDPR, said)
        return


PERSONAL_RULES: tuple[Rule, ...] = (
    Rule("bank", "block", "It carries a bank account or card number", GDPR, _bank),
    Rule(
        "phone",
        "block in public (warn in private, or when it seems to be ours)",
        "It carries a phone number that is not the brand's contact",
        GDPR,
        _phone,
    ),
    Rule(
        "email",
        "block in public (warn in private, or when it seems to be ours)",
        "It carries an e-mail address that is not the brand's contact",
        GDPR,
        _email,
    ),
    Rule(
        "order_number",
        "block in public, warn in private",
        "It carries an order, booking or customer number",
        GDPR,
        _order_number,
    ),
    Rule("full_name", "warn", "It carries the author's full name", GDPR, _full_name),
    Rule(
        "confirms",
        "block for brands of health and law, else warn",
        "It confirms that the author is a patient, client or customer",
        HIPAA,
        _confirms,
    ),
    Rule(
        "asks_data",
        "warn",
        "It asks for personal data in public",
        GDPR,
        _asks_data,
    ),
)
