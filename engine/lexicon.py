"""Words of English, German, French, Spanish, Italian and Dutch: their normal form, denial, and what says nothing. Data.

Everything is keyed by the folded word (``fold``): lower case, no accents.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")


@cache
def _digits() -> dict[int, str]:
    """Every decimal digit of every script to ours."""
    codes = (code for code in range(0x660, 0x1FBFA) if unicodedata.category(chr(code)) == "Nd")
    return {code: str(unicodedata.digit(chr(code))) for code in codes}


_DASHES = str.maketrans("‐‑‒–—−’‘＇\u00a0\u202f\u2009", "------'''   ")


def plain(text: str) -> str:
    """``text`` with one kind of digit, dash, apostrophe and blank."""
    if text.isascii():
        return text
    text = text.translate(_DASHES).replace("½", " 1/2").replace("¼", " 1/4").replace("¾", " 3/4")
    return unicodedata.normalize("NFKC", text).translate(_digits())


def fold(word: str) -> str:
    """``word`` in lower case and without accents; "ß" is "ss"."""
    if word.isascii():
        return word.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))


_ACCENTS = re.compile("[\u0300-\u036f]+")


def table(text: str) -> dict[str, str]:
    """``meaning: word word; meaning: word`` as word to meaning."""
    pairs = (line.split(":") for line in text.replace("\n", " ").split(";") if line.strip())
    return {word: meaning.strip() for meaning, words in pairs for word in words.split()}


FREE = frozenset(
    """
    free freely complimentary kostenlos kostenlose kostenloser kostenloses kostenfrei kostenfreie gratis gratuit
    gratuite gratuits gratuites gratuitement gratuito gratuita gratuitos gratuitas gratuiti unentgeltlich
    umsonst
    """.split()
)

# Denial and small words ----------------------------------------------------------------------------------------

NEGATORS = frozenset(
    """
    not no never cannot neither nor none nobody nothing without non nicht kein keine keinen keiner keinem keines nie
    niemals ohne nein ne pas jamais aucun aucune sans ni nunca sin ningun ninguna ningunos tampoco mai senza nessun
    nessuna niet geen nooit zonder nee
    """.split()
)
OPPOSITES = table("""
possible: impossible unmoglich; available: unavailable; able: unable; include: excluded exclude excludes excluding;
open: closed close closes geschlossen ferme fermee fermes cerrado cerrada cerrados chiuso chiusa gesloten;
allow: forbidden prohibited banned disallowed verboten interdit interdite prohibido prohibida vietato verboden;
accept: refuse refused decline declined reject rejected; require: optional; refund: nonrefundable;
limit: unlimited unlimitiert unbegrenzt ilimitado illimite illimitato;
return: nonreturnable; transfer: nontransferable; include: exclusive;
""")
SAME = table("""
allow: allowed permitted erlaubt gestattet autorise autorises permitido permitidos permitida; open: open opened opens
offen geoffnet ouvert ouverts ouverte abierto abierta abiertos aperto; accept: accepted accepts;
require: required requires mandatory compulsory necessary need needed needs; refund: refundable refunded refunds;
possible: moglich posible possibile; include: included includes including inclusive; able: can;
return: returned returnable returns; available: available verfugbar; limit: limited;
deliver: delivery deliveries delivered shipping ship ships shipped shipment versand lieferung liefern livraison envio
consegna spedizione bezorging; price: prices cost costs pay pays charge charged fee kostet kosten zahlen coute cuesta;
""") | dict.fromkeys(FREE, "free")
YES = frozenset(
    """
    yes yeah yep sure certainly absolutely ja oui si certo jazeker naturlich
    """.split()
)
NO = frozenset(("no", "nope", "nein", "non", "nee", "unfortunately", "leider"))
SMALL = frozenset(
    """
    a an the and or of to in on at for with by from as is are was were be been being do does did have has had it its
    this that these those you your we our us i my me they their them there here can will would could should may
    might if when then than so but also just only very more most any some all each every how what which who where
    why about into out up down over under between within after before during until till please let yes no not via
    per etc der die das den dem des ein eine einen einem einer und oder von zu zum zur im in am an auf bei fur mit
    aus als ist sind war wird werden sein hat haben es sie ihr ihre ihren ihrem wir unser unsere uns ich du dein man
    kann konnen wenn dann aber auch nur sehr mehr wie was wer wo warum uber unter zwischen nach vor bis bitte sich
    nicht kein le la les un une des du de et ou en au aux dans sur pour avec par est sont etre a ont il elle ils
    elles vous votre vos nous notre nos je mon ma que qui ce cette ces si quand mais aussi tres plus comment ou pas
    ne y se el los las uno una unos y o del al con por para es son ser esta estan ha han su sus usted ustedes
    nosotros nuestro nuestra yo mi tu que cuando pero tambien solo muy mas como donde no lo il lo gli i un della
    dello delle dei di da nel nella e o con per sono essere ha hanno suo sua voi noi nostro che quando ma anche solo
    molto piu come dove non si het een de van naar op voor met door als zijn was wordt worden heeft hebben u uw wij
    ons onze ik je mijn dat die deze dit kunt kan wanneer maar ook alleen zeer meer hoe wat wie waar niet geen om te
    er
    """.split()
)
_SIGNS = {
    "en": "the and is are you your we of to for with it not can within our i have do",
    "de": "der die das und ist sind sie wir ihr ihre nicht mit von fur ein eine wird haben konnen den dem bei auf im",
    "fr": "le la les des et est sont vous nous votre pour avec dans une pas du au nos sous votre",
    "es": "el los las y es son usted su para con una por del puede nuestro nuestra en la",
    "it": "il lo gli e sono per con una del della nel puo nostro di che non",
    "nl": "het een de en is zijn u uw wij voor met van niet op kunt onze binnen wordt",
}
_MARKS = {language: frozenset(words.split()) for language, words in _SIGNS.items()}


def language(words: Collection[str]) -> str | None:
    """The language that most of the folded ``words`` belong to; None where nothing tells."""
    counts = {each: sum(word in marks for word in words) for each, marks in _MARKS.items()}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else None


def stem(word: str) -> str:
    """What a folded content word shares with its kin: its first five letters; shorter ones without a plural's end."""
    word = SAME.get(word) or OPPOSITES.get(word) or word
    if len(word) > 5:
        return word[:5]
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
