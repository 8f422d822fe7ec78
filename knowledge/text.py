"""From what people write to words, stems and character grams. Pure; never raises on any ``str``."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

LONGEST_TEXT = 2_000  # characters of a question that are looked at: more is never about one thing
LONGEST_WORD = 32  # characters; what is longer is no word, and would bring grams by the thousand

LANGUAGES = {  # the stemmers, by the first part of a locale; a locale without one keeps its words whole
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_STOP_WORDS = """
    a about all am an and any are as at be been being but by can cant could did do does doesnt doing dont for
    from get got had has have having hello help hey hi how i id if ill im in into is isnt it its ive just know let
    like may me might my need of on or our out please shall she should so some tell than thank thanks that thats
    the their them then there these they this those to too up us very want was wasnt we were what whats when where
    which who why will with wont would you your youre"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Scripts written without spaces between words: there, single characters and pairs of them are the words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_INDIC = "\u0900-\u0963\u0966-\u096f\u0971-\u0dff"  # their vowel signs are no letters to ``\\w``, yet inside words
_PIECE = re.compile(f"[{_UNSPACED}]+|(?:[^\\W_{_UNSPACED}]|[{_INDIC}])+")
_ASCII_PIECE = re.compile("[0-9a-z]+")
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")
_APOSTROPHES = re.compile("['\u2019\u2018\u02bc\u0060\u00b4]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, Arabic's stretching: people leave them out.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")


def normalise(text: str) -> str:
    """``text`` as questions are compared: compatibility forms folded, lower case, no accents, no apostrophes,
    one space between words. At most :data:`LONGEST_TEXT` characters of ``text`` are looked at."""
    text = text[:LONGEST_TEXT]
    if not text.isascii():
        text = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", _MARKS.sub("", text))
        text = _APOSTROPHES.sub("", text)
    return " ".join(_PIECE.findall(text.replace("'", "").casefold()))


def words(text: str) -> list[str]:
    """The words of ``text``, in order; for scripts without spaces, its characters and pairs of characters."""
    if text.isascii():  # nearly all questions, at a third of the time
        return [word[:LONGEST_WORD] for word in _ASCII_PIECE.findall(text[:LONGEST_TEXT].replace("'", "").lower())]
    return [part for word in normalise(text).split() for part in _parts(word)]


@lru_cache(maxsize=65_536)
def stem(word: str, language: str | None) -> str:
    """The stem of one normalised word in a Snowball language; without a language, the word itself."""
    if language is None or len(word) < 3 or is_unspaced(word):
        return word
    with _stemming:
        return str(_stemmer(language).stemWord(word))


def grams(word: str) -> list[str]:
    """The 3- and 4-grams of a word inside boundary marks: ``pot`` gives ``<po pot ot> <pot pot>``; of Hangul, where a
    character is a syllable, the 2- and 3-grams."""
    if is_unspaced(word):
        return []
    marked = f"<{word}>"
    sizes = (3, 4) if word.isascii() or not _HANGUL.match(word) else (2, 3)
    return [marked[i : i + n] for n in sizes for i in range(len(marked) - n + 1)] or [marked]


def is_unspaced(word: str) -> bool:
    """Whether ``word`` is written in a script without spaces between words (Han, kana, Thai …)."""
    return _UNSPACED_START.match(word) is not None


def language_of(locale: str) -> str | None:
    """The Snowball language of a locale such as ``en`` or ``pt-BR``; None where there is no stemmer."""
    return LANGUAGES.get(re.split("[-_]", locale.lower(), maxsplit=1)[0])


_stemming = threading.Lock()  # a Snowball stemmer keeps the word it works on in itself


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> "snowballstemmer.basestemmer.BaseStemmer":
    return snowballstemmer.stemmer(language)


def _parts(word: str) -> list[str]:
    if not is_unspaced(word):
        return [word[:LONGEST_WORD]]
    return list(word) + [word[i : i + 2] for i in range(len(word) - 1)]
