"""Documents to entries, each format by what a person would give: what is read, what is left out, what is said."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.documents import Document, Kind, kind_of, parse, read
from knowledge.sheet import Unreadable

HERE = "https://acme.example/help/"


def asked(document: Document) -> list[str]:
    return [passage.draft.question for passage in document.passages]


def told(document: Document) -> dict[str, str]:
    return {passage.draft.question: passage.draft.answer for passage in document.passages}


def reason(data: bytes, kind: Kind) -> str:
    with pytest.raises(Unreadable) as refused:
        parse(data, kind)
    return refused.value.fault.sentence


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("faq.csv", b"question,answer\nA?,Yes\n", "csv"),
        ("faq.txt", b"Question;Answer\nA?;Yes\n", "csv"),
        ("faq.bin", b'[{"question": "A?"}]', "json"),
        ("faq.txt", b'{"question": "A?", "answer": "b"}\n{"question": "C?", "answer": "d"}', "json"),
        ("notes.md", b"[1]: https://acme.example\n\n# Hi", "markdown"),
        ("notes.txt", b"# Returns\n\nYes.", "markdown"),
        ("notes.txt", b"Returns\n\nYes.", "text"),
        ("", b"Returns\n\nYes.", "text"),
        ("page", b"<!DOCTYPE html><title>x</title>", "html"),
        ("faq.csv", b"\n<html><body>Please log in", "html"),
        ("page.txt", '\ufeff<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'.encode(), "html"),
        ("manual.txt", b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        ("manual.pdf", b"PK\x03\x04....word/document.xml....", "docx"),
        ("page.csv", "<html><body>Grüße".encode("utf-16"), "html"),
    ],
)
def test_a_file_is_what_is_in_it_whatever_its_name_says(name: str, data: bytes, kind: str) -> None:
    assert kind_of(name, data) == kind


def test_a_media_type_decides_where_the_content_does_not() -> None:
    assert kind_of("page", b"just words", "text/html; charset=utf-8") == "html"
    assert kind_of("page", b"just words", "text/markdown") == "markdown"
    assert kind_of("page", b"just words") == "text"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"PK\x03\x04....xl/workbook.xml", "CSV (UTF-8)"),
        (b"PK\x03\x04....ppt/presentation.xml", "PowerPoint"),
        (b"PK\x03\x04....inner.zip", "Unpack"),
        (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), ".docx"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), "CSV (UTF-8)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"\x1f\x8b\x08" + b"\0" * 50, "Unpack"),
        (b"{\\rtf1\\ansi Hello}", "RTF"),
        (b"<?xml version='1.0'?><feed/>", "XML"),
        (bytes(range(1, 32)) * 40, "not a text file"),
        (b"x" * (5 * 1024 * 1024 + 1), "at most 5 MB"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_do_about_it(data: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        kind_of("faq.csv", data)
    assert says in refused.value.fault.sentence
    assert refused.value.fault.sentence.endswith(".")


def test_json_is_read_as_an_array_an_object_lines_or_a_map_with_faults_by_entry() -> None:
    for data in (
        '[{"question": "A?", "answer": "Yes"}, {"q": "B?", "a": "No"}]',
        '{"entries": [{"Question": "A?", "Answer": "Yes"}, {"question": "B?", "reply": "No"}]}',
        '{"question": "A?", "answer": "Yes"}\n\n{"question": "B?", "answer": "No"}\n',
        '{"A?": "Yes", "B?": "No"}',
    ):
        assert told(parse(data.encode(), "json")) == {"A?": "Yes", "B?": "No"}, data
    mixed = parse(
        b'[{"question": "A?", "answer": "Yes"}, 5, {"question": "B?"}, {"question": "a", "answer": {}}]', "json"
    )
    assert asked(mixed) == ["A?"]
    assert [(fault.row, fault.column) for fault in mixed.faults] == [(2, ""), (3, "answer"), (4, "answer")]


def test_json_keeps_every_phrasing_whatever_is_in_it() -> None:
    data = rb'[{"questions": ["A?", "B|C?", "D\\|?"], "alternatives": ["E", "F\\"], "answer": "Yes", "active": false}]'
    (passage,) = parse(data, "json").passages
    assert passage.draft.alternatives == ("B|C?", "D\\|?", "E", "F\\")
    assert not passage.draft.active


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[" * 33 + b"]" * 33, "deeper than 32"),
        (b'[{"question": "A?", "answer": NaN}]', "NaN"),
        (b'[{"question": "A?" "answer": 1}]', "line 1, column 20"),
        (b"[]", "list of entries is empty"),
        (b'{"title": 5}', "no list of entries"),
        (b'"text"', "no list of entries"),
    ],
)
def test_r14_json_that_is_broken_deep_or_no_list_says_so(data: bytes, says: str) -> None:
    assert says in reason(data, "json")


def test_r14_lone_surrogates_and_what_no_database_holds_are_mended() -> None:
    (passage,) = parse(rb'[{"question": "A\ud83d?", "answer": "x\u0000y"}]', "json").passages
    assert (passage.draft.question, passage.draft.answer) == ("A\ufffd?", "xy")


def test_r14_json_nested_as_deep_as_is_allowed_is_read() -> None:
    deep = b'[{"question": "A?", "answer": "Yes", "meta": ' + b"[" * 30 + b"]" * 30 + b"}]"
    assert asked(parse(deep, "json")) == ["A?"]


MARKDOWN = """---
title: The handbook
lang: en
---
# Handbook

Welcome to the handbook.

## Returns {#ret}

Send **it** back [by post](/post), ![](x.png) or [not](javascript:alert(1)).

- one
- two
  1. deep

| Plan | Price | Seats |
|------|-------|-------|
| A    | 10    | 1     |

### Overview

What a return is.

**Q:** Who pays? **A:** We do.

**Q: How long does it take?**

A: Five days.

Delivery
: Two days.
"""


def test_markdown_becomes_sections_pairs_and_light_markdown_with_anchors() -> None:
    document = parse(MARKDOWN.encode(), "markdown", url=HERE)
    assert (document.title, document.locale) == ("The handbook", "en")
    answers = told(document)
    assert list(answers) == [
        *("Handbook", "Returns", "Returns: Overview", "Who pays?", "How long does it take?", "Delivery"),
    ]
    assert answers["Returns"] == (
        "Send **it** back [by post](https://acme.example/post), or not.\n\n- one\n- two\n  1. deep\n\n"
        "- **A**: Price: 10; Seats: 1"
    )
    assert (answers["Who pays?"], answers["How long does it take?"]) == ("We do.", "Five days.")
    assert document.passages[1].draft.url == HERE + "#ret"
    assert document.passages[2].draft.category == "Returns"


TEXT = """Acme help
=========

RETURNS

You can send anything back within thirty days of the day on which it
arrived at your door.

2. Delivery times

It takes two days.

How do I pay?
By card.

Q: Who?
A: Me.
Q: What?
A: That.
"""


def test_plain_text_is_read_by_its_headings_and_questions() -> None:
    answers = told(parse(TEXT.encode(), "text"))
    assert answers == {
        "RETURNS": "You can send anything back within thirty days of the day on which it arrived at your door.",
        "Delivery times": "It takes two days.",
        "How do I pay?": "By card.",
        "Who?": "Me.",
        "What?": "That.",
    }


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("Wie lange dauert die Lieferung?\nSie dauert zwei Tage und kostet nichts für Sie.", "de"),
        ("¿Cuánto cuesta el envío?\nEl envío es gratis para los pedidos de más de 50 €.", "es"),
        ("Combien coûte la livraison ?\nElle est gratuite pour les commandes de plus de 50 €.", "fr"),
        ("How long does delivery take?\nIt takes two days, and it is free.", "en"),
        ("配送にはどのくらいかかりますか？\n通常は二日です。", "ja"),
        ("送货需要多长时间？\n一般需要两天。", "zh"),
        ("จัดส่งนานเท่าไร?\nสองวัน", "th"),
        ("Сколько стоит доставка?\nОна бесплатная.", "ru"),
        ("كم تستغرق مدة التوصيل؟\nيومان", "ar"),
    ],
)
def test_a_language_is_known_by_its_script_or_its_small_words(text: str, locale: str) -> None:
    document = parse(text.encode(), "text")
    assert document.locale == locale
    assert {passage.draft.locale for passage in document.passages} == {locale}
    question, answer = text.split("\n")
    assert told(document) == {question: answer}


def test_the_digest_is_that_of_the_words_and_not_of_the_markup() -> None:
    one = parse(b"<p>Returns take <b>30</b> days.</p>", "html")
    same = parse(b"<html><body class=x>\n<!-- new --><div><p>Returns   take <b id=q>30</b> days.</div>", "html")
    other = parse(b"<p>Returns take <b>40</b> days.</p>", "html")
    assert one.digest == same.digest != other.digest
    assert len(one.digest) == len(hashlib.sha256().hexdigest())


@pytest.mark.parametrize("kind", ["csv", "json", "markdown", "text", "html"])
async def test_the_bounded_process_says_what_the_parser_says(kind: Kind) -> None:
    data = {
        "csv": b"question,answer\nA?,Yes\nB?,\n",
        "json": b'[{"question": "A?", "answer": "Yes"}, 5]',
        "markdown": MARKDOWN.encode(),
        "text": TEXT.encode(),
        "html": b"<h1>Help</h1><h2 id=r>Returns</h2><p>Within <a href=/x>30 days</a>.",
    }[kind]
    assert await read(data, kind, name="a b.x", url=HERE) == parse(data, kind, name="a b.x", url=HERE)


@pytest.mark.parametrize("kind", ["csv", "json", "markdown", "text", "html"])
@given(data=st.one_of(st.binary(max_size=600), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_become_a_document_or_a_reason_and_nothing_else(kind: Kind, data: bytes) -> None:
    try:
        document = parse(data, kind)
    except Unreadable:
        return
    assert document.passages or document.faults
