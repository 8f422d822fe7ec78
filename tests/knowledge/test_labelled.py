import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.labelled import Labelled, read_entries, read_questions


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def test_json_lines_of_entries_and_questions_are_read() -> None:
    entries = read_entries(
        lines(
            {"id": "pay", "question": "How can I pay?", "alternatives": ["cards?"], "answer": "By card."},
            {"id": 7, "question": "Hours?"},
        )
    )
    assert [(e.id, e.phrasings, e.answer) for e in entries.items] == [
        ("pay", ("How can I pay?", "cards?"), "By card."),
        ("7", ("Hours?",), ""),
    ]
    questions = read_questions(
        lines(
            {"text": "paypal?", "entries": ["pay"]},
            {"text": "moon?", "entries": []},
            {"text": "mars?", "entries": None},
        )
    )
    assert questions.items == (Labelled("paypal?", ("pay",)), Labelled("moon?"), Labelled("mars?"))
    assert entries.faults == questions.faults == ()


def test_csv_says_the_same_with_bars_between_values() -> None:
    entries = read_entries(b"id;question;alternatives;answer\r\npay;How can I pay?;cards?|cash?;By card.\r\n")
    assert entries.items[0].phrasings == ("How can I pay?", "cards?", "cash?")
    questions = read_questions('\ufefftext,entries\n"paypal, please",pay|card\nmoon?,\n'.encode())
    assert questions.items == (Labelled("paypal, please", ("pay", "card")), Labelled("moon?"))


def test_a_json_list_is_read_as_lines_are() -> None:
    assert read_questions(json.dumps([{"text": "a", "entries": "x"}]).encode()).items == (Labelled("a", ("x",)),)


def test_faults_are_told_by_row_and_column_and_the_rest_is_read_blank_questions_too() -> None:
    file = read_questions(
        b'{"text": "good", "entries": []}\nnot json\n{"text": "no label"}\n{"text": 5, "entries": []}\n'
        b'{"text": "  ", "entries": []}\n\n{"text": "good", "entries": []}\n[1]\n{"text": "b", "entries": [null]}\n'
    )
    assert file.items == (Labelled("good"), Labelled(""), Labelled("good"))
    assert [(fault.row, fault.column) for fault in file.faults] == [
        (2, ""), (3, "entries"), (4, "text"), (8, ""), (9, "entries"),
    ]  # fmt: skip


def test_an_id_belongs_to_one_entry_and_blank_alternatives_to_none() -> None:
    row = {"id": "pay", "question": "How can I pay?", "alternatives": ["", None, "cards?"]}
    file = read_entries(lines(row, {"id": "pay", "question": "again"}))
    assert [entry.phrasings for entry in file.items] == [("How can I pay?", "cards?")]
    assert [(fault.row, fault.column) for fault in file.faults] == [(2, "id")]
    assert "Row 1 has the same id" in file.faults[0].sentence


@pytest.mark.parametrize(
    ("data", "row", "word"),
    [
        (b"", 1, "nothing"),
        (b"id,question\n", 1, "nothing"),
        (b"id,question\n1,\xff\xfe\n", 2, "UTF-8"),
        (b"PK\x03\x04\0\0", 1, "text file"),
        (b"[{]", 1, "JSON"),
        (b'id,question\n1,"open\n', 2, "no CSV"),
        (b"name,question\n1,what?\n", 2, "“id”"),
        (b"id,question\n1,what?,more,cells\n", 2, "cells"),
        (b"[" * 100_000, 1, "JSON"),
    ],
)
def test_a_file_that_cannot_be_read_has_one_fault_that_says_why(data: bytes, row: int, word: str) -> None:
    file = read_entries(data)
    assert file.items == ()
    assert len(file.faults) == 1
    assert file.faults[0].row == row
    assert word in file.faults[0].sentence


@given(st.binary(max_size=300))
def test_r14_no_bytes_raise(data: bytes) -> None:
    for start in (b"", b"{", b"[", b"id,question,text,entries\n"):
        read_entries(start + data)
        read_questions(start + data)
