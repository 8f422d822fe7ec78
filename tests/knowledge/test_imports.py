import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.db import Database
from knowledge import entries, imports, sheet
from knowledge.entries import NotFound
from knowledge.imports import Report, load, parse
from tests.knowledge.conftest import Shop, draft, version_of

GOOD = "question,answer,category,alternatives\nHow much?,Ten dollars.,Prices,What does it cost?|price\n"


def questions(data: bytes) -> list[str]:
    parsed = parse(data)
    assert parsed.errors == ()
    return [row.draft.question for row in parsed.rows]


def only_fault(data: bytes) -> sheet.Fault:
    (fault,) = parse(data).errors
    return fault


def test_a_row_becomes_an_entry_with_its_alternatives() -> None:
    (row,) = parse(GOOD.encode()).rows
    assert row.number == 2
    assert (row.draft.question, row.draft.answer, row.draft.category) == ("How much?", "Ten dollars.", "Prices")
    assert row.draft.alternatives == ("What does it cost?", "price")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_encodings_delimiters_and_line_ends_of_spreadsheets_are_read(
    encoding: str, delimiter: str, line_end: str
) -> None:
    lines = [["Question", "Answer"], ["Combien ça coûte?", "10 € – hier"], ["Où?", "Là"]]
    text = line_end.join(delimiter.join(line) for line in lines)
    assert questions(text.encode(encoding)) == ["Combien ça coûte?", "Où?"]


@pytest.mark.parametrize(
    "header",
    ["QUESTION,ANSWER", " Question , Answer ", "Title,Reply", "q,a", "answer,question", "id,Question,x,Answer"],
)
def test_columns_are_known_by_usual_names_in_any_case_and_order(header: str) -> None:
    cells = ["Where?" if "q" in name.lower() or "title" in name.lower() else "Here" for name in header.split(",")]
    assert questions(f"{header}\n{','.join(cells)}\n".encode()) == ["Where?"]


def test_quoted_cells_hold_delimiters_quotes_and_lines() -> None:
    data = b'question,answer,alternatives\n"Who, me?","Say ""yes"".\nOr no.","one\ntwo|three"\n'
    (row,) = parse(data).rows
    assert row.draft.answer == 'Say "yes".\nOr no.'
    assert row.draft.alternatives == ("one", "two", "three")


def test_empty_rows_are_passed_over_and_numbers_stay_those_of_the_spreadsheet() -> None:
    parsed = parse(b"question,answer\n\n,\nA?,Yes\n\nB?,\n")
    assert [row.number for row in parsed.rows] == [4]
    assert [(fault.row, fault.column) for fault in parsed.errors] == [(6, "answer")]


def test_what_no_database_holds_is_cleaned_away() -> None:
    (row,) = parse("question,answer\nNu\0ll?,A\U000e0041nswer\n".encode()).rows
    assert (row.draft.question, row.draft.answer) == ("Null?", "Answer")


@pytest.mark.parametrize(
    ("data", "row", "column", "says"),
    [
        (b"", 1, "", "empty"),
        (b" \n ", 1, "", "empty"),
        (b"question,answer\n", 1, "", "no rows"),
        (b"PK\x03\x04" + b"\0" * 500, 1, "", "Excel"),
        (b"<!DOCTYPE html><html><table>", 1, "", "web page"),
        (b'[{"question": "x"}]', 1, "", "JSON"),
        (bytes(range(1, 32)) * 20, 1, "", "not a text file"),
        (bytes(range(1, 256)) * 20, 1, "", "cannot be read"),
        (b"name,price\nx,1\n", 1, "question", "it has: name, price"),
        (b"question\nx\n", 1, "answer", "no column"),
        (b"question,q,answer\na,b,c\n", 1, "question", "Two columns"),
        (b"question,answer\nA?,Yes,no\n", 2, "", "3 cells"),
        (b"question,answer\n,Yes\n", 2, "question", "question is empty"),
        (b"question,answer\nA?,\n", 2, "answer", "answer is empty"),
        (b'question,answer\nA?,"Yes\nB?,No\n', 2, "", "never closed"),
        (b'question,answer\nA?,"Yes" no\n', 2, "", "in the middle of a cell"),
        (b"question,answer\nA?," + b"x" * 20_001 + b"\n", 2, "answer", "20,001 characters"),
        (b"question,answer\nA?," + b"x" * 1_000_000 + b"\n", 2, "", "far too long"),
        (b'question,answer\nA?,"' + b"x\n" * 500_000, 2, "", "far too long"),
        (b",".join([b"question"] * 100_000) + b"\n1", 1, "", "100,000 columns"),
        (b"question,answer\nA?" + b"," * 100_000 + b"x\n", 2, "", "100,001 cells"),
        (b"x" * (5 * 1024 * 1024 + 1), 1, "", "at most 5 MB"),
    ],
)
def test_a_broken_file_says_where_and_what_within_two_seconds(data: bytes, row: int, column: str, says: str) -> None:
    began = time.process_time()
    fault = only_fault(data)
    assert time.process_time() - began < 2
    assert (fault.row, fault.column) == (row, column)
    assert says in fault.sentence
    assert fault.sentence.endswith(".")
    assert len(fault.sentence) < 300


@pytest.mark.parametrize("data", [b"\n" * 5_000_000, b"question,answer\n" + b"a,b\n" * 1_200_000, b"a," * 2_500_000])
def test_the_largest_files_take_bounded_time_and_memory(data: bytes) -> None:
    tracemalloc.start()
    began = time.process_time()
    parse(data)
    took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 10  # tracing makes it some five times slower
    assert peak < 200e6


def test_more_rows_than_the_limit_are_refused_at_the_first_too_many() -> None:
    rows = "".join(f"Question {i}?,Answer\n" for i in range(imports.MOST_ROWS + 5))
    fault = only_fault(("question,answer\n" + rows).encode())
    assert (fault.row, fault.sentence) == (10_002, "The file has more than 10,000 rows. Split it into several.")


def test_a_question_asked_twice_names_the_first_row() -> None:
    fault = only_fault(b"question,answer\nHow much is it?,A\nHOW MUCH IS IT,B\n")
    assert (fault.row, fault.sentence) == (3, "Row 2 asks the same. Keep one of the two.")


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_faults_and_never_an_exception(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.rows or parsed.errors


@given(st.text(max_size=200))
def test_any_text_below_a_good_header_is_rows_or_faults(body: str) -> None:
    parsed = parse(("question,answer\n" + body).encode("utf-8", "surrogatepass"))
    assert parsed.rows or parsed.errors


async def import_into(database: Database, shop: Shop, data: str, *, keep_good: bool = False) -> Report:
    async with database.write() as session:
        return await load(session, *shop.ids, parse(data.encode()), keep_good=keep_good)


async def stored(database: Database, shop: Shop) -> list[str]:
    async with database.read() as session:
        return [entry.question for entry in await entries.listing(session, *shop.ids)]


MIXED = "question,answer\nA?,Yes\nB?,\nC?,No\n"


async def test_a_good_file_is_imported_in_order_after_what_is_there(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        await entries.add(session, *acme.ids, draft("Here before?"))
    report = await import_into(database, acme, "question,answer\nA?,Yes\nB?,No\n")
    assert (report.imported, report.refused, report.errors) == (2, 0, ())
    assert await stored(database, acme) == ["Here before?", "A?", "B?"]
    assert await version_of(database, acme) == 2
    async with database.read() as session:
        assert {e.source for e in await entries.listing(session, *acme.ids)} == {"manual", f"csv:{report.id}"}


async def test_one_broken_row_keeps_all_out(database: Database, acme: Shop) -> None:
    report = await import_into(database, acme, MIXED)
    assert (report.imported, report.refused) == (0, 3)
    assert [(fault.row, fault.column) for fault in report.errors] == [(3, "answer")]
    assert await stored(database, acme) == []


async def test_the_good_rows_alone_come_in_where_that_is_wanted(database: Database, acme: Shop) -> None:
    report = await import_into(database, acme, MIXED, keep_good=True)
    assert (report.imported, report.refused) == (2, 1)
    assert await stored(database, acme) == ["A?", "C?"]


async def test_the_same_file_again_adds_nothing_and_says_why(database: Database, acme: Shop) -> None:
    await import_into(database, acme, GOOD)
    again = await import_into(database, acme, GOOD.replace("How much?", "HOW  MUCH"), keep_good=True)
    assert (again.imported, again.refused) == (0, 1)
    assert "exists already" in again.errors[0].sentence
    assert await stored(database, acme) == ["How much?"]


async def test_anothers_entries_are_no_duplicates_and_stay_untouched(
    database: Database, acme: Shop, rival: Shop
) -> None:
    await import_into(database, rival, GOOD)
    assert (await import_into(database, acme, GOOD)).imported == 1
    assert await stored(database, rival) == await stored(database, acme) == ["How much?"]


async def test_nothing_is_imported_into_a_domain_of_another_workspace(
    database: Database, acme: Shop, rival: Shop
) -> None:
    async with database.write() as session:
        with pytest.raises(NotFound):
            await load(session, rival.workspace_id, acme.domain_id, parse(GOOD.encode()))
    assert await stored(database, acme) == []


async def test_the_listed_faults_are_bounded_and_all_are_counted(database: Database, acme: Shop) -> None:
    report = await import_into(database, acme, "question,answer\n" + ",lost\n" * 500)
    assert (report.imported, report.refused, len(report.errors)) == (0, 500, imports.MOST_FAULTS)
