"""PDF files made of text, byte by byte, for tests: no library that reads them had a hand in it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

Line = tuple[str, float, bool]  # text, size in points, bold


@dataclass(frozen=True, slots=True)
class Style:
    """How far apart lines stand, in sizes of their type, and where the first one does."""

    top: float = 780.0
    leading: float = 1.25


def pdf(
    pages: Sequence[Sequence[Line | None]], *, title: str = "", compress: bool = True, style: Style = Style()
) -> bytes:
    """A PDF with a page for each list of lines; None leaves a gap between paragraphs."""
    count = len(pages)
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, b" ".join(b"%d 0 R" % (6 + 2 * i) for i in range(count))),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Title (%s) >>" % _escaped(title),
    ]
    for lines in pages:
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R" % (len(objects) + 2)
        objects.append(page + b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>")
        objects.append(stream(_content(lines, style), compress=compress))
    return document(objects, info=5)


def stream(content: bytes, *, compress: bool = True, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    packed = zlib.compress(content) if compress else content
    named = b"/Filter /FlateDecode " if compress else b""
    return b"<< /Length %d %s%s>>\nstream\n%s\nendstream" % (len(packed), named, entries, packed)


def document(objects: Sequence[bytes], *, info: int = 0, trailer: bytes = b"") -> bytes:
    """The file that holds ``objects``, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    named = b"/Info %d 0 R " % info if info else b""
    out += b"trailer\n<< /Size %d /Root 1 0 R %s%s>>\n" % (len(objects) + 1, named, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _content(lines: Sequence[Line | None], style: Style) -> bytes:
    out, y = [b"BT"], style.top
    for line in lines:
        if line is None:
            y -= 14.0
            continue
        text, size, bold = line
        y -= size * style.leading
        out.append(b"/F%d %.1f Tf 1 0 0 1 50 %.1f Tm (%s) Tj" % (2 if bold else 1, size, y, _escaped(text)))
    return b"\n".join([*out, b"ET"])


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
