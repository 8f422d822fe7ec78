"""Which language a document is in, where it does not say: by its script, else by the words it cannot do without."""

import re

LOOKED_AT = 20_000  # characters: more changes nothing
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (  # a locale, and the letters that nothing else is written with; the first with a tenth of the text wins
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("uk", re.compile("[іїєґ]")),
    ("fa", re.compile("[\u067e\u0686\u06af\u06cc]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_SHARE = {"uk": 0.02, "fa": 0.03}  # letters that only tell a language from its neighbours are fewer
_COMMON = {
    "da": "og det er til på en af for ikke med den har kan du vi at som fra din hvis eller skal blive jeg hvordan",
    "de": "und der die das ist nicht mit für sie wir ein eine auf den zu von wie ich kann oder bei sich werden ihre",
    "en": "the and to of you is in for your are can we or with on that this it be how if our from what do",
    "es": "el la los las de que y en un una para por con no es su se del si como puede más qué nuestro cómo",
    "fi": "ja on ei se että voit jos tai mutta kun myös ovat ole voi miten sinun kuin tilauksen mitä",
    "fr": "le la les des et est vous pour une un dans que nous votre pas sur avec du ce qui au vos ou comment",
    "hu": "és az nem hogy egy is van meg ha vagy kell lehet ez mint csak hogyan ön minden már azt",
    "it": "il lo gli di che e per un una è con non del della si sono come puoi nel alla le i quando tuo",
    "nl": "de het een en van is niet je op met voor te dat zijn wij u kan bij als uw hoe of wordt onze",
    "no": "og det er til på en av for ikke med den har kan du vi å som fra din hvis eller hvordan ikke etter",
    "pt": "o os as de que e em um uma para com não por do da se no na você é como mais seu pode sua",
    "ro": "și de la în nu pe un o cu este din să sunt pentru care se mai dacă sau cum poate ce",
    "sv": "och det att är på en för inte med av som du kan vi den har till om eller hur din ett från",
    "tr": "ve bir bu için ile da de ne mi nasıl olarak var daha sipariş değil kadar veya sonra her size",
}
_OF_LANGUAGE = {locale: frozenset(common.split()) for locale, common in _COMMON.items()}


def guessed(text: str, default: str = "en") -> str:
    """The locale of ``text``, two letters; ``default`` where it is too short or too strange to tell."""
    text = text[:LOOKED_AT].lower()
    letters = sum(map(len, _WORD.findall(text))) or 1
    for locale, script in _SCRIPTS:
        if len(script.findall(text)) / letters > _SHARE.get(locale, 0.1):
            return locale
    words = _WORD.findall(text)
    scores = {locale: sum(word in common for word in words) for locale, common in _OF_LANGUAGE.items()}
    best = max(scores, key=lambda locale: (scores[locale], locale == default))
    return best if scores[best] >= max(2, len(words) // 20) else default
