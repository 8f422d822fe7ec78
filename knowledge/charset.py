"""From bytes of unknown origin to text: byte order marks, what the sender claims, and what the bytes themselves say."""

import codecs
import re

_SAME = {  # what browsers read these labels as (WHATWG Encoding Standard): senders mean the wider set
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
    "shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs",
}  # fmt: skip
# Only these: Python knows codecs that are no encodings of text (zlib, rot13), and some that hide markup (UTF-7).
_ALLOWED = re.compile(r"utf-8|utf-16(-[lb]e)?|cp125[0-8]|cp866|cp874|cp932|cp949|gb18030|big5hkscs|euc_jp"
                      r"|iso2022_jp|iso8859-\d+|koi8-[ru]|mac-(roman|cyrillic)")  # fmt: skip
_META = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w:.-]{2,40})""", re.I
)


def text_of(data: bytes, *, claimed: str = "") -> str:
    """The text in ``data``, which always exists: what cannot be read becomes U+FFFD. ``claimed``: the charset a header
    named. Bytes that are valid UTF-8 are UTF-8 whatever was claimed: nothing else looks like it by chance."""
    encoding = encoding_of(data)
    if encoding == "cp1252":
        encoding = known(claimed) or _in_markup(data) or encoding
    elif encoding == "utf-8" and b"\x1b" in data and _named(data, claimed) == "iso2022_jp":
        encoding = "iso2022_jp"  # seven-bit Japanese is valid UTF-8, and unreadable as it
    return data.decode(encoding, errors="replace").removeprefix("\ufeff")


def encoding_of(data: bytes) -> str:
    """The encoding that the bytes alone tell: by their mark, by the zeros of UTF-16, UTF-8 where they are valid, else
    Windows-1252."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:2_000]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def known(label: str) -> str | None:
    """The codec for a label such as ``ISO-8859-1``; None for what is no encoding of text."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _SAME.get(name, name)
    return name if _ALLOWED.fullmatch(name) and name != "utf-8" else None


def _named(data: bytes, claimed: str) -> str | None:
    return known(claimed) or _in_markup(data)


def _in_markup(data: bytes) -> str | None:
    found = _META.search(data[:2_048])  # browsers look in the first 1,024 bytes
    name = known(found[1].decode("ascii")) if found else None
    return None if name and name.startswith("utf-16") else name  # a page that is UTF-16 could not say so in ASCII
