"""PDF files: their text in order, headings by their type, and a link to the page."""

import pytest

from knowledge.documents import parse
from knowledge.sheet import Unreadable
from tests.knowledge.paper import Line, document, pdf, stream
from tests.knowledge.test_documents import told

HERE = "https://acme.example/manual.pdf"


def page(number: int, *lines: Line | None) -> list[Line | None]:
    """A page with the running head and foot that every page of the manual has."""
    foot: Line = (f"Acme manual, page {number} of 4", 8, False)
    return [("Acme Ltd - confidential", 8, False), None, *lines, None, foot]


def body(*lines: str) -> list[Line | None]:
    return [(line, 11, False) for line in lines]


MANUAL = [
    page(1, ("Returns and refunds", 20, True), None, *body("Everything about sending things back to our ware-")),
    page(
        2,
        *body("house and about your money."),
        None,
        ("Returns", 14, True),
        *body("You have thirty days.", "Ask first."),
    ),
    page(3, ("Overview", 12, True), *body("A return is a parcel that comes back.")),
    page(4, ("How long does a refund take?", 14, True), *body("Five days.", "", "• by card", "• by transfer")),
]


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        parse(data, "pdf")
    return refused.value.fault.sentence


def test_a_pdf_is_read_by_its_headings_without_what_stands_on_every_page() -> None:
    document = parse(pdf(MANUAL, title="Acme manual"), "pdf", url=HERE)
    assert (document.title, document.faults) == ("Acme manual", ())
    assert told(document) == {
        "Returns and refunds": "Everything about sending things back to our warehouse and about your money.",
        "Returns": "You have thirty days. Ask first.",
        "Returns: Overview": "A return is a parcel that comes back.",
        "How long does a refund take?": "Five days.\n\n- by card\n- by transfer",
    }
    assert [passage.draft.url for passage in document.passages] == [f"{HERE}#page={n}" for n in (1, 2, 3, 4)]


def test_without_headings_each_page_is_a_passage_named_by_its_first_words() -> None:
    pages = [body("Anvils weigh ten pounds."), body("Rockets fly.")]
    document = parse(pdf(pages, title="Untitled"), "pdf", name="acme_facts.pdf", url=HERE)
    assert told(document) == {"acme facts": "Anvils weigh ten pounds.", "acme facts: Rockets fly.": "Rockets fly."}
    assert document.passages[1].draft.url == HERE + "#page=2"


def test_a_page_that_is_damaged_is_left_out_and_named() -> None:
    whole = pdf([body("The first page of text."), body("The second page of text.")], compress=False)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 2 /Kids [3 0 R 4 0 R] >>"]
    font = b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    objects += [b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (n, font) for n in (5, 6)]
    objects += [stream(b"BT /F1 11 Tf (The first page of text.) Tj ET"), stream(b"%" + b"x" * 25_000_000)]
    assert len(told(parse(whole, "pdf"))) == 2
    made = parse(document(objects), "pdf", name="a.pdf")
    assert told(made) == {"a": "The first page of text."}
    assert [(fault.row, fault.sentence) for fault in made.faults] == [
        (2, "Page 2 was left out: it unpacks to far more than a page holds.")
    ]


@pytest.mark.parametrize("broken", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"x" * 5_000, pdf(MANUAL)[:1_500]])
def test_a_damaged_pdf_says_so(broken: bytes) -> None:
    assert "damaged" in reason(broken)
