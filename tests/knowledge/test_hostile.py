"""Files made to hurt: each gets a reason a person can act on, or is read, in bounded time and memory."""

import asyncio
import io
import re
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import knowledge
from knowledge.documents import Document, Kind, kind_of, parse, read
from knowledge.sheet import Unreadable
from tests.knowledge.paper import document, pdf, stream
from tests.knowledge.test_docx import W, body, manual, packed, saved

LARGEST = 5 * 1024 * 1024


def bomb() -> bytes:
    """A document of 120 MB in 120 KB."""
    return packed({"word/document.xml": b"<w:document " + W + b">" + b" " * 120_000_000 + b"</w:document>"})


def liar() -> bytes:
    """A document that declares less than one megabyte of the 36 it unpacks to."""
    data = bytearray(packed({"word/document.xml": b"<w:document " + W + b">" + b"<w:p/>" * 6_000_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (900_000).to_bytes(4, "little")
    return bytes(data)


def circular_pdf() -> bytes:
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return document(
        [b"<< /Type /Catalog /Pages 2 0 R >>", pages, b"<< /Type /Pages /Count 1 /Kids [2 0 R] /Parent 2 0 R >>"]
    )


def endless_form() -> bytes:
    """A page whose form draws itself."""
    names = b"/Resources << /XObject << /X 4 0 R >> >>"
    form = stream(b"/X Do", entries=b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + names)
    page = b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R %s >>" % names
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return document([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, form, stream(b"/X Do")])


def bomb_pdf() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << >> >> >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    return document([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, stream(b"0 " * 40_000_000)])


def locked_pdf() -> bytes:
    encrypt = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>] " % (
        b"41" * 32,
        b"42" * 32,
    )
    return document([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"], trailer=encrypt)


def long_pdf(*, claimed: int | None = None) -> bytes:
    """10,000 pages, whatever number the file claims."""
    kids = b" ".join([b"3 0 R"] * 10_000)
    pages = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (10_000 if claimed is None else claimed, kids)
    return document([b"<< /Type /Catalog /Pages 2 0 R >>", pages, b"<< /Type /Page /Parent 2 0 R >>"])


def entities() -> bytes:
    declared = b'<!DOCTYPE d [<!ENTITY a "lollollol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    return body(b"<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", declared)


def outside() -> bytes:
    declared = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return body(b"<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", declared)


def nested_zip() -> bytes:
    inside = packed({"word/document.xml": b" " * 10_000_000})
    return packed({"a.zip": packed({"b.zip": inside * 10})})


HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("docx", bomb, "hundred times"),
    ("docx", liar, "damaged"),
    ("docx", nested_zip, "no Word document"),
    ("docx", entities, "entities"),
    ("docx", outside, "entities"),
    ("docx", lambda: body(b"<w:p>" * 100_000), "damaged"),
    ("pdf", circular_pdf, "damaged"),
    ("pdf", endless_form, "scanned"),
    ("pdf", bomb_pdf, "No page of the PDF can be read"),
    ("pdf", locked_pdf, "password"),
    ("pdf", long_pdf, "10,000 pages"),
    ("pdf", lambda: long_pdf(claimed=1), "10,000 pages"),
    ("csv", lambda: b",".join([b"question"] * 100_000), "100,000 columns"),
    ("csv", lambda: b'question,answer\nA?,"' + b"x\n" * 50_000, "never closed"),
    ("csv", lambda: b"question,answer\nA?,Yes\n"[:15] + b"\n" * 100, "no rows"),
    ("json", lambda: b"[" * 2_000_000, "deeper than 32"),
    ("json", lambda: b'"' * 1_000_001, "no valid JSON"),
    ("json", lambda: b"[" + b"9" * 1_000_000 + b"]", ""),
    ("text", lambda: b" \n" * 1_000_000, "empty"),
    ("markdown", lambda: b"\n" * LARGEST, "empty"),
    ("html", lambda: b"", "empty"),
    ("text", lambda: b"x" * (LARGEST + 1), "at most 5 MB"),
]


@pytest.mark.parametrize(("kind", "made", "says"), HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_within_seconds(
    kind: Kind, made: Callable[[], bytes], says: str
) -> None:
    data = made()
    began = time.process_time()
    try:
        found = parse(data, kind)
    except Unreadable as refused:
        sentence = refused.fault.sentence
    else:
        sentence = found.faults[0].sentence
        assert not found.passages
    assert time.process_time() - began < 8
    assert says in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = bomb()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Unreadable):
        parse(data, "docx")
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB


LARGE: dict[str, tuple[Kind, Callable[[], bytes]]] = {
    "html_deep_divs": ("html", lambda: b"<div>" * (LARGEST // 5)),
    "html_deep_labels": ("html", lambda: b"<div class=question id=a>" * 200_000),
    "html_bold_words": ("html", lambda: b"<b>x</b> " * (LARGEST // 9)),
    "html_scripts": ("html", lambda: b"<script>x</script>y" * (LARGEST // 19)),
    "html_nested_tables": ("html", lambda: b"<table><tr><td>" * 100_000),
    "html_cells": ("html", lambda: b"<table>" + b"<tr>" + b"<td>x" * 900_000),
    "html_nested_lists": ("html", lambda: b"<ul><li>" * 400_000),
    "html_links": ("html", lambda: b"<a href=/a>x</a>" * 300_000),
    "html_nested_details": ("html", lambda: b"<details><summary>q" * 200_000),
    "html_headings": ("html", lambda: b"<h2>q</h2>a" * 400_000),
    "html_one_word": ("html", lambda: b"<p>" + b"a" * (LARGEST - 10)),
    "html_definitions": ("html", lambda: b"<dl>" + b"<dt>a<dd>b" * 400_000),
    "html_open_definitions": ("html", lambda: b"<dl><dt>a?<dd>" * 300_000),
    "html_italics": ("html", lambda: b"<i>" * 1_000_000),
    "html_attributes": ("html", lambda: b"<p " + b"a='b' " * 800_000 + b">x"),
    "html_entities": ("html", lambda: b"&amp;" * 1_000_000),
    "html_articles": ("html", lambda: b"<article>" + b"<article>x</article>" * 250_000),
    "html_deep_json": ("html", lambda: b"<script type=application/ld+json>" + b"[" * 400_000 + b"</script>x"),
    "markdown_brackets": ("markdown", lambda: b"[" * 50_000),
    "markdown_quotes": ("markdown", lambda: b"> " * 50_000 + b"x"),
    "markdown_lists": ("markdown", lambda: b"- " * 50_000 + b"x"),
    "markdown_stars": ("markdown", lambda: b"*a **b " * 8_000),
    "markdown_backticks": ("markdown", lambda: b"`" * 50_000 + b" x"),
    "markdown_angles": ("markdown", lambda: b"<" * 50_000),
    "markdown_pictures": ("markdown", lambda: b"![a](" * 10_000),
    "markdown_titles": ("markdown", lambda: b"# h\n\ntext\n\n" * 20_000),
    "text_one_word": ("text", lambda: b"a" * LARGEST),
    "text_lines": ("text", lambda: b"a\n" * (LARGEST // 2)),
    "text_paragraphs": ("text", lambda: b"a\n\n" * (LARGEST // 3)),
    "text_pairs": ("text", lambda: b"Q: a?\nA: b\n" * 400_000),
    "text_stars": ("text", lambda: b"**" * 2_000_000 + b"x"),
    "text_marks": ("text", lambda: b"Q:" * 2_000_000),
    "text_stops": ("text", lambda: b". " * 2_000_000 + b"x"),
    "json_lines": ("json", lambda: b'{"question": "a", "answer": "b"}\n' * 100_000),
    "csv_rows": ("csv", lambda: b"question,answer\n" + b"a,b\n" * 1_200_000),
}


REFUSED = {  # they hold no letters, or more elements than a page
    *("html_bold_words", "html_scripts", "html_cells", "html_links", "html_headings", "html_definitions"),
    *("html_articles", "markdown_brackets", "markdown_quotes", "markdown_lists", "markdown_backticks"),
    "markdown_angles",
}


@pytest.mark.parametrize("name", LARGE)
async def test_the_largest_and_strangest_texts_are_read_or_refused_in_bounded_time(name: str) -> None:
    kind, made = LARGE[name]
    data, began = made(), time.monotonic()
    if name in REFUSED:
        with pytest.raises(Unreadable):
            await read(data, kind)
    else:
        found = await read(data, kind)
        assert found.passages or found.faults
        assert len(found.passages) <= 10_000
    assert time.monotonic() - began < 25


def patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    found = []
    for path in sorted(Path(knowledge.__path__[0]).rglob("*.py")):
        if path.parent.name == "formats" or path.stem in (
            "passages",
            "kinds",
            "charset",
            "sheet",
            "imports",
            "drafting",
        ):
            name = ".".join(path.with_suffix("").parts[path.parts.index("knowledge") :]).removesuffix(".__init__")
            values: dict[str, Any] = vars(import_module(name))
            found += [(name, key, one) for key, one in values.items() if isinstance(one, re.Pattern)]
    return found


TRAPS = {
    "a": "a" * 50_000,
    "blanks": " " * 50_000 + "x",
    "quotes": '"' * 50_000,
    "escapes": '"\\' * 25_000,
    "open": "<meta " + "[(**" * 12_000,
    "stars": "*" * 50_000 + "a",
    "bars": "\\|" * 25_000 + "\\",
    "lines": "\n" * 50_000,
    "dots": ". " * 25_000 + "x",
    "digits": "1." * 25_000,
    "tags": "<a " * 17_000,
    "comments": "<!--" * 12_000,
    "braces": "{#" * 25_000,
    "marks": "Q: " * 17_000,
}


@pytest.mark.parametrize("trap", TRAPS)
def test_no_pattern_takes_more_than_50_ms_for_50_kb_made_to_trap_it(trap: str) -> None:
    text = TRAPS[trap]
    assert len(patterns()) > 20
    for module, name, pattern in patterns():
        made_of: Any = pattern.pattern
        subject: Any = text.encode() if isinstance(made_of, bytes) else text
        began = time.process_time()
        for _ in pattern.finditer(subject):
            pass
        pattern.fullmatch(subject)
        assert time.process_time() - began < 0.1, f"{module}.{name}"  # both, each 50 ms


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("kind", ["text", "markdown", "html"])
def test_r14_texts_are_read_whatever_their_encoding_and_line_ends(encoding: str, line_end: str, kind: Kind) -> None:
    text = "Où est-ce? Là, à côté. Ça coûte 10 €.\n\nEt voilà.".replace("\n", line_end)
    document = parse(text.encode(encoding), kind)
    assert document.passages[0].draft.answer.split() == text.split()


def test_r14_a_page_that_claims_utf_8_and_is_latin_1_is_read_all_the_same() -> None:
    page = "<meta charset=utf-8><h1>Où</h1><p>Ça coûte 10.".encode("latin-1")
    assert parse(page, "html", media_type="text/html; charset=utf-8").passages[0].draft.answer == "Ça coûte 10."


@pytest.mark.parametrize(
    ("name", "text"), [("shift_jis", "送料は無料です。"), ("gb18030", "免费送货。"), ("koi8-r", "Бесплатно.")]
)
def test_a_page_is_read_in_the_charset_that_its_header_or_its_head_names(name: str, text: str) -> None:
    page = f"<meta http-equiv=content-type content='text/html; charset={name}'><p>{text}".encode(name)
    assert parse(page, "html").passages[0].draft.answer == text
    headed = f"<p>{text}".encode(name)
    assert parse(headed, "html", media_type=f'text/html; charset="{name}"').passages[0].draft.answer == text


@pytest.mark.parametrize("name", ["utf-7", "zlib", "rot13", "unicode_escape", "nonsense", "idna"])
def test_a_charset_that_hides_markup_or_is_none_is_not_believed(name: str) -> None:
    page = b"<p>caf\xe9 +ADw-script+AD4-"
    answer = parse(page, "html", media_type=f"text/html; charset={name}").passages[0].draft.answer
    assert answer == "café +ADw-script+AD4-"


def test_r14_nul_bytes_and_tags_nobody_sees_are_gone() -> None:
    document = parse("Hel\0lo wor\U000e0041ld.\n\nMore\x1b.".encode(), "text")
    assert document.passages[0].draft.answer == "Hello world.\n\nMore."


@pytest.mark.parametrize("name", ["binary.txt", "sheet.csv"])
def test_a_binary_file_under_a_name_of_text_is_refused(name: str) -> None:
    made = zipfile.ZipFile(file := io.BytesIO(), "w")
    made.writestr("xl/workbook.xml", "<workbook/>")
    made.close()
    data = file.getvalue() if name == "sheet.csv" else zlib.compress(bytes(range(256)) * 100) * 20
    with pytest.raises(Unreadable) as refused:
        kind_of(name, data)
    assert ("Excel" if name == "sheet.csv" else "not a text file") in refused.value.fault.sentence


WORD = saved(manual())
PAPER = pdf([[("Returns", 18, True), ("You have thirty days.", 11, False)]])


@pytest.mark.parametrize(("kind", "whole"), [("docx", WORD), ("pdf", PAPER)])
@given(place=st.floats(0, 1), junk=st.binary(max_size=40), cut=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_broken_document_is_read_or_refused_and_nothing_else(
    kind: Kind, whole: bytes, place: float, junk: bytes, cut: bool
) -> None:
    at = int(place * len(whole))
    data = whole[:at] + junk + (b"" if cut else whole[at + len(junk) :])
    try:
        found: Document = parse(data, kind)
    except Unreadable:
        return
    assert found.passages or found.faults


@pytest.mark.parametrize("kind", ["docx", "pdf"])
@given(data=st.binary(max_size=500))
@settings(max_examples=50, deadline=None)
def test_bytes_that_are_no_document_are_refused(kind: Kind, data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(data, kind)


async def test_a_bomb_read_in_the_sandbox_leaves_this_process_as_it_was() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = await asyncio.gather(*(read(bomb_pdf(), "pdf") for _ in range(2)), return_exceptions=True)
    assert all(isinstance(one, Unreadable) for one in results)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000  # what made them, not what read them
