"""What a file is, by its own bytes: what its sender calls it is not believed."""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """``shown``: browsers may draw it in a page; everything else is only ever saved."""

    type: str
    shown: bool = False


_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", Kind("image/png", shown=True)),
    (b"\xff\xd8\xff", Kind("image/jpeg", shown=True)),
    (b"GIF87a", Kind("image/gif", shown=True)),
    (b"GIF89a", Kind("image/gif", shown=True)),
    (b"%PDF-", Kind("application/pdf")),
)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ZIPPED: Final = {  # all of these are ZIP archives: here alone the name says which
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}
_WRITTEN: Final = {"txt": "text/plain", "md": "text/plain", "log": "text/plain", "csv": "text/csv"}
NAMES: Final = ("png", "jpg", "jpeg", "gif", "webp", "pdf", *_ZIPPED, *_WRITTEN)  # what a picker offers
SHOWN: Final = frozenset(kind.type for _, kind in _MAGIC if kind.shown) | {"image/webp"}


def kind_of(name: str, body: bytes) -> Kind | None:
    """What ``body`` is; None for what nobody may send: programs, pages, drawings that run scripts."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return Kind("image/webp", shown=True)
    ending = name.rpartition(".")[2].lower()
    if body.startswith(b"PK\x03\x04"):
        return Kind(_ZIPPED[ending]) if ending in _ZIPPED else None
    return Kind(_WRITTEN[ending]) if ending in _WRITTEN and _is_text(body) else None


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False
