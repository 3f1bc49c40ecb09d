"""Words for kinds of people are no evidence, whatever the texts happened to say about them."""

from __future__ import annotations

_PEOPLE_WORDS = """
african american arab asian autistic black blind boy boys british catholic chinese christian
deaf disabled dutch elderly english european fat female foreign foreigner foreigners french gay
german girl girls greek gypsy he her him hindu his husband immigrant immigrants indian irish
islam israeli italian japanese jew jewish korean ladies lady latin latino lesbian male man men
mexican mom muslim nigerian pakistani polish queer russian scottish she spanish trans turkish
white wife woman women young auslander auslanderin deutsche deutscher frau frauen mann manner
turke turkin turken polen pole hombre hombres mujer mujeres senora senor negro negra gitano
chino extranjero extranjeros homme hommes femme femmes monsieur madame noir noire arabe etranger
etrangers africain uomo uomini donna donne signora signore nero nera zingaro zingari straniero
stranieri cinese vrouw vrouwen mevrouw meneer buitenlander marokkaan turk zwarte homem homens
mulher mulheres senhora senhor preto preta estrangeiro brasileiro brasileira
"""
_PEOPLE = frozenset(_PEOPLE_WORDS.split())


def names_people(feature: str) -> bool:
    """Whether a feature holds a word for a kind of people."""
    return not _PEOPLE.isdisjoint(feature.replace("!", "").split())
