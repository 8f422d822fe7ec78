"""What a file is, by what is in it: names and media types lie, and only decide between formats that are all text."""

import re

from knowledge.charset import text_of
from knowledge.formats import Kind
from knowledge.sheet import LARGEST, NAMES, Fault, Unreadable, key

_HEAD = 4_096  # bytes that are looked at
_OFFICE = "Save it as {0}, and give that file."
_BINARY = (  # the first bytes, what they are, and what to do
    (b"\x89PNG", "a picture", "Type the text, or give the document it was made from."),
    (b"\xff\xd8\xff", "a picture", "Type the text, or give the document it was made from."),
    (b"GIF8", "a picture", "Type the text, or give the document it was made from."),
    (b"II*\0", "a picture", "Type the text, or give the document it was made from."),
    (b"MM\0*", "a picture", "Type the text, or give the document it was made from."),
    (b"BM", "a picture", "Type the text, or give the document it was made from."),
    (b"RIFF", "a picture, sound or film", "Give the text as a file."),
    (b"ID3", "a sound", "Give the text as a file."),
    (b"OggS", "a sound or film", "Give the text as a file."),
    (b"\x1f\x8b", "a compressed file", "Unpack it, and give the files in it."),
    (b"BZh", "a compressed file", "Unpack it, and give the files in it."),
    (b"\xfd7zXZ", "a compressed file", "Unpack it, and give the files in it."),
    (b"7z\xbc\xaf", "an archive", "Unpack it, and give the files in it."),
    (b"Rar!", "an archive", "Unpack it, and give the files in it."),
    (b"\x28\xb5\x2f\xfd", "a compressed file", "Unpack it, and give the files in it."),
    (b"{\\rtf", "a rich text (RTF) file", _OFFICE.format("a Word document (.docx)")),
    (b"%!PS", "a PostScript file", _OFFICE.format("a PDF")),
    (b"MZ", "a program", "Give a document."),
    (b"\x7fELF", "a program", "Give a document."),
    (b"SQLite format 3", "a database", "Export its questions and answers as CSV."),
)
_PACKED = (  # names of parts, which stand in a zip file uncompressed; the first found tells
    (b"word/document", "docx", ""),
    (b"xl/workbook", "an Excel file", "In your spreadsheet choose: Save as, CSV (UTF-8)."),
    (b"ppt/presentation", "a PowerPoint file", _OFFICE.format("a PDF")),
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text", _OFFICE.format("a Word document (.docx)")),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file", _OFFICE.format("CSV or PDF")),
    (b"application/epub", "an e-book", _OFFICE.format("a PDF")),
    (b"Index/Document.iwa", "a Pages file", _OFFICE.format("a Word document (.docx)")),
)
_OLD = (  # names of streams in a compound file of Microsoft, in UTF-16
    ("EncryptedPackage", "a file protected by a password", "Remove the password, and give it again."),
    ("WordDocument", "an old Word document", _OFFICE.format("a Word document (.docx)")),
    ("Workbook", "an old Excel file", "In your spreadsheet choose: Save as, CSV (UTF-8)."),
    ("PowerPoint", "an old PowerPoint file", _OFFICE.format("a PDF")),
)
_BY_NAME: dict[str, Kind] = {
    "csv": "csv", "tsv": "csv", "json": "json", "jsonl": "json", "ndjson": "json", "md": "markdown",
    "markdown": "markdown", "mdown": "markdown", "mdx": "markdown", "htm": "html", "html": "html", "xhtml": "html",
    "txt": "text", "text": "text",
}  # fmt: skip
_BY_MEDIA: dict[str, Kind] = {
    "text/csv": "csv", "application/json": "json", "application/x-ndjson": "json", "text/markdown": "markdown",
    "text/html": "html", "application/xhtml+xml": "html",
}  # fmt: skip
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_JSON = re.compile(r"\A\s*(?:\{\s*[\"}]|\[\s*[{\]])")
_MARKDOWN = re.compile(r"^#{1,6} \S|^\*\*\S.*\*\*|^```|^\|.+\|$|\]\(https?://", re.MULTILINE)


def kind_of(name: str, data: bytes, media_type: str = "") -> Kind:
    """The format of a file, of those that can be read. Raises :class:`~knowledge.sheet.Unreadable` with what it is
    instead, and what to do."""
    if len(data) > LARGEST:
        raise _refused(f"The file has {len(data) / 1e6:.1f} MB. Split it into files of at most 5 MB.")
    start = data[:_HEAD].lstrip()
    if not start and not data.strip():
        raise _refused("The file is empty.")
    if b"%PDF-" in data[:1_024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old(data)
    for magic, what, advice in _BINARY:
        if data.startswith(magic) and (len(magic) > 2 or b"\0" in data[:64]):
            raise _refused(f"This is {what}. {advice}")
    head = text_of(data[:_HEAD])
    if _is_binary(head):
        raise _refused("This is not a text file, nor a document that can be read. Give a PDF, DOCX, HTML, CSV or text.")
    return _of_text(head, name, media_type)


def _of_text(head: str, name: str, media_type: str) -> Kind:
    named = _BY_NAME.get(name.rpartition(".")[2].lower()) if "." in name else None
    named = named or _BY_MEDIA.get(media_type.partition(";")[0].strip().lower())
    start = head.lstrip("\ufeff \t\r\n")
    if named == "json" and start[:1] in ("{", "["):
        return "json"
    if start.startswith("<") and _HTML.search(start) and named != "markdown":
        return "html"
    if start.startswith("<?xml"):
        raise _refused("This is an XML file. Give the page or document it belongs to, or CSV.")
    if _JSON.match(start) and named not in ("markdown", "html"):
        return "json"
    if named and named != "text":
        return named
    if _names_columns(start):
        return "csv"
    return "markdown" if _MARKDOWN.search(head) else "text"


def _names_columns(start: str) -> bool:
    line = start.splitlines()[0] if start.splitlines() else ""
    return any(
        {"question", "answer"} <= {NAMES.get(key(cell)) for cell in line.split(delimiter)} for delimiter in ",;\t"
    )


def _packed(data: bytes) -> Kind:
    for part, what, advice in _PACKED:
        if part in data:
            if what == "docx":
                return "docx"
            raise _refused(f"This is {what}. {advice}")
    raise _refused("This is an archive (zip). Unpack it, and give the files in it.")


def _old(data: bytes) -> Unreadable:
    for stream, what, advice in _OLD:
        if stream.encode("utf-16-le") in data:
            return _refused(f"This is {what}. {advice}")
    return _refused("This is an old Office file. Save it as a Word document (.docx) or as CSV, and give that file.")


def _is_binary(head: str) -> bool:
    """More than stray control characters, or mostly what no encoding could read."""
    strange = sum(head.count(chr(code)) for code in (*range(9), *range(14, 27), *range(28, 32), 127))
    return strange > max(3, len(head) // 50) or head.count("\ufffd") > max(8, len(head) // 10)


def _refused(sentence: str) -> Unreadable:
    return Unreadable(Fault(1, "", sentence))
