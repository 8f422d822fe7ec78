"""Word documents, made by a library that had no hand in reading them."""

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from knowledge.documents import kind_of, parse
from knowledge.sheet import Unreadable
from tests.knowledge.test_documents import told

HERE = "https://acme.example/manual.docx"


def saved(word: Word) -> bytes:
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def linked(paragraph: Any, text: str, address: str) -> None:
    element = OxmlElement("w:hyperlink")
    element.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:t"))
    run[0].text = text
    element.append(run)
    paragraph._p.append(element)


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def body(inside: bytes, before: bytes = b"") -> bytes:
    return packed(
        {"word/document.xml": before + b"<w:document " + W + b"><w:body>" + inside + b"</w:body></w:document>"}
    )


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        parse(data, "docx")
    return refused.value.fault.sentence


def manual() -> Word:
    word = docx.Document()
    word.core_properties.title = "The Acme manual"
    word.add_heading("The Acme manual", 0)
    word.add_paragraph("Welcome to the shop of Acme, which sells anvils.")
    word.add_heading("1. Returns", 1)
    paragraph = word.add_paragraph("Send it ")
    paragraph.add_run("back").bold = True
    paragraph.add_run(" by ")
    linked(paragraph, "post", "https://acme.example/post")
    linked(paragraph, " or not", "javascript:alert(1)")
    for text in ("one", "two"):
        word.add_paragraph(text, style="List Bullet")
    word.add_paragraph("first", style="List Number")
    table = word.add_table(rows=2, cols=3)
    for row, cells in zip(table.rows, (("Plan", "Price", "Seats"), ("A", "10", "1")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
            cell.paragraphs[0].runs[0].bold = text in ("Plan", "Price", "Seats")
    word.add_heading("Overview", 2)
    word.add_paragraph("What a return is.")
    word.add_paragraph("Who pays for the postage?")
    word.add_paragraph("We do.")
    return word


def test_a_word_document_is_read_by_its_headings_lists_tables_and_links() -> None:
    data = saved(manual())
    assert kind_of("manual.docx", data) == "docx"
    document = parse(data, "docx", url=HERE)
    assert document.title == "The Acme manual"
    assert told(document) == {
        "The Acme manual": "Welcome to the shop of Acme, which sells anvils.",
        "Returns": "Send it **back** by [post](https://acme.example/post) or not\n\n- one\n- two\n\n1. first\n\n"
        "- **A**: Price: 10; Seats: 1",
        "Returns: Overview": "What a return is.",
        "Who pays for the postage?": "We do.",
    }
    assert {passage.draft.url for passage in document.passages} == {HERE}


def test_a_document_is_in_the_language_of_its_words_and_not_of_the_program() -> None:
    word = docx.Document()
    word.add_heading("Rückgabe", 1)
    word.add_paragraph("Sie können die Ware innerhalb von 30 Tagen zurückgeben, wenn sie nicht benutzt ist.")
    assert parse(saved(word), "docx").locale == "de"


def test_what_was_deleted_while_changes_were_tracked_stays_out() -> None:
    data = body(
        b"<w:p><w:r><w:t>Thirty </w:t></w:r><w:del><w:r><w:delText>forty</w:delText><w:t>forty</w:t></w:r></w:del>"
        b"<w:ins><w:r><w:t>days.</w:t></w:r></w:ins></w:p>"
    )
    assert list(told(parse(data, "docx")).values()) == ["Thirty days."]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04 not really", "damaged"),
        (saved(manual())[:3_000], "damaged"),
        (packed({"word/other.xml": b"<a/>"}), "no Word document"),
        (packed({"word/document.xml": b"<w:document"}), "damaged"),
        (packed({"word/document.xml": b""}), "damaged"),
        (body(b""), "no text"),
        (packed({f"word/media/{i}": b"" for i in range(5_001)}), "5,001 parts"),
    ],
)
def test_a_document_that_is_none_says_what_is_wrong(data: bytes, says: str) -> None:
    assert says in reason(data)
