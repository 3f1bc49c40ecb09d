"""The commonest small words of the languages we write, to tell one from another."""

from __future__ import annotations

FUNCTION_WORDS = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the and is are was were you your we our us to of for with this that it have has "
        "be will would not at on in about from thank sorry please can",
        "de": "der die das und ist sind war wir uns sie ihr ihre ihren ihnen zu von für mit dass "
        "es haben hat nicht auf im in den dem ein eine über danke bitte auch sich",
        "es": "el la los las y es son fue nos su sus le que de del para con por lo en un una "
        "no se al gracias sentimos nuestro nuestra más muy sobre",
        "fr": "le la les et est sont nous vous votre vos que de des du pour avec ce cela en un "
        "une ne pas au aux merci sur notre nos qui dans",
        "pt": "o a os as e é são foi nos seu sua que de do da para com por em um uma não se ao "
        "obrigado agradecemos nosso nossa mais muito sobre",
        "it": "il lo la i gli le e è sono ci suo sua che di del della per con in un una non si "
        "al grazie nostro nostra più molto su",
        "nl": "de het een en is zijn was wij we ons u uw dat van voor met te niet op in aan over "
        "dank bedankt ook er wat hebben heeft",
    }.items()
}
