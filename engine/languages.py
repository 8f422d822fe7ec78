"""Which language a visitor is spoken to in: the owner's choice, else the page's, else the browser's. Pure.

A tag is BCP 47; matching is RFC 4647 (lookup) with what CLDR says of tags that mean another's words.
"""

import re
from dataclasses import dataclass
from typing import Literal

DEFAULT = "en"
MOST_WISHES = 20  # tags of one Accept-Language header that are looked at


@dataclass(frozen=True, slots=True)
class Language:
    """A language in its own words and in English, and the way it is written."""

    own: str
    english: str
    direction: Literal["ltr", "rtl"] = "ltr"


LANGUAGES = {
    "ar": Language("العربية", "Arabic", "rtl"),
    "cs": Language("Čeština", "Czech"),
    "da": Language("Dansk", "Danish"),
    "de": Language("Deutsch", "German"),
    "el": Language("Ελληνικά", "Greek"),
    "en": Language("English", "English"),
    "es": Language("Español", "Spanish"),
    "fa": Language("فارسی", "Persian", "rtl"),
    "fi": Language("Suomi", "Finnish"),
    "fr": Language("Français", "French"),
    "he": Language("עברית", "Hebrew", "rtl"),
    "hi": Language("हिन्दी", "Hindi"),
    "hu": Language("Magyar", "Hungarian"),
    "it": Language("Italiano", "Italian"),
    "ja": Language("日本語", "Japanese"),
    "ko": Language("한국어", "Korean"),
    "nb": Language("Norsk bokmål", "Norwegian"),
    "nl": Language("Nederlands", "Dutch"),
    "pl": Language("Polski", "Polish"),
    "pt": Language("Português", "Portuguese"),
    "ro": Language("Română", "Romanian"),
    "ru": Language("Русский", "Russian"),
    "sv": Language("Svenska", "Swedish"),
    "tr": Language("Türkçe", "Turkish"),
    "uk": Language("Українська", "Ukrainian"),
    "zh-Hans": Language("简体中文", "Simplified Chinese"),
    "zh-Hant": Language("繁體中文", "Traditional Chinese"),
}
_BY_TAG = {tag.lower(): tag for tag in LANGUAGES} | {
    "zh": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "yue": "zh-Hant", "cmn": "zh-Hans",
    "no": "nb", "nn": "nb", "iw": "he", "mo": "ro", "prs": "fa",
}  # fmt: skip


def chosen(*wishes: str | None) -> str:
    """The first language we speak among ``wishes``, the most important first: tags, or Accept-Language lists."""
    return next((found for wish in wishes for tag in _tags(wish or "") if (found := match(tag))), DEFAULT)


def match(tag: str) -> str | None:
    """The language we speak that ``tag`` ("de-AT", "zh_TW") asks for; None where it is another."""
    parts = tag.strip().lower().replace("_", "-").split("-")
    while parts:
        if found := _BY_TAG.get("-".join(parts)):
            return found
        parts.pop()
    return None


def _tags(wish: str) -> list[str]:
    """The tags of an Accept-Language list, the most wanted first; what is refused (q=0) is left out."""
    weighed = [(_weight(part), part.partition(";")[0]) for part in wish.split(",")[:MOST_WISHES]]
    return [tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]


def _weight(part: str) -> float:
    found = _QUALITY.search(part)
    return float(found[1]) if found else 1.0


_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$", re.IGNORECASE)
