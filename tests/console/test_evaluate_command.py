"""``frontdesk evaluate``: two files in, figures out, and what is wrong with a file told by its rows."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.__main__ import main
from knowledge.meanings import MEANINGS

ENTRIES = [
    {"id": "pay", "question": "How can I pay?", "alternatives": ["Do you take credit cards?"], "answer": "By card."},
    {"id": "hours", "question": "When are you open?", "alternatives": ["opening hours"], "answer": "9 to 5."},
    {"id": "returns", "question": "How do I send something back?", "answer": "Within 30 days."},
]
QUESTIONS = [
    {"text": "How can I pay", "entries": ["pay"]},
    {"text": "opening hours?", "entries": ["hours"]},
    {"text": "how do I send something back", "entries": ["returns"]},
    {"text": "who won the world cup in 1998?", "entries": []},
]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    write(tmp_path / "entries.jsonl", ENTRIES)
    write(tmp_path / "questions.jsonl", QUESTIONS)
    return tmp_path


def write(path: Path, rows: Sequence[object]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows))


def run(folder: Path, *more: str, entries: str = "entries.jsonl", questions: str = "questions.jsonl") -> int:
    named = ["--entries", str(folder / entries), "--questions", str(folder / questions)]
    return main(["evaluate", *named, *more])


def test_json_has_every_figure_under_the_name_that_scripts_rely_on(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, "--json") == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert set(MEANINGS) <= set(found)
    assert {"accuracy_at_1", "accuracy_at_3", "auroc", "answered", "wrong", "refused", "p50_ms", "p99_ms"} <= set(found)
    assert (found["accuracy_at_1"], found["answered"], found["wrong"], found["refused"]) == (1.0, 1.0, 0.0, 1.0)
    assert found["counts"]["in_scope"] == 3
    assert found["entries"] == 3
    assert said.err == ""


def test_the_table_says_what_each_figure_means(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(files) == 0
    told = capsys.readouterr().out
    for name, means in MEANINGS.items():
        assert name in told
        assert means in told
    assert "100.0%" in told


def test_no_database_and_no_folder_is_made(files: Path) -> None:
    assert run(files, "--json") == 0
    assert not (files / "data").exists()


def test_csv_does_as_well(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "e.csv").write_text("id,question,alternatives\npay,How can I pay?,cards|cash\n")
    (files / "q.csv").write_text("text,entries\nhow can i pay,pay\nmoon?,\n")
    assert run(files, "--json", entries="e.csv", questions="q.csv") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["counts"]["in_scope"], found["counts"]["out_of_scope"]) == (1, 1)


def test_a_question_whose_entry_is_not_there_is_reported_and_left_out(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(files / "questions.jsonl", [*QUESTIONS, {"text": "gift cards?", "entries": ["gifts"]}])
    assert run(files, "--json") == 0
    said = capsys.readouterr()
    assert "no entry “gifts”, which 1 question names" in said.err
    assert json.loads(said.out)["skipped"] == 1
    assert json.loads(said.out)["counts"]["in_scope"] == 3


def test_bad_rows_end_it_with_code_2_and_are_told_by_number(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "entries.jsonl").write_text(
        '{"id": "a", "question": "what?"}\n{"id": "a", "question": "again?"}\nnonsense\n'
    )
    assert run(files) == 2
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.endswith("row 2, id: Row 1 has the same id. Keep one of the two.")
    assert "row 3: The line is not JSON" in second


def test_a_flood_of_faults_is_cut_and_counted(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "questions.jsonl").write_text("{\n" * 100)
    assert run(files) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1].endswith("and 80 more rows.")


def test_a_missing_file_is_named(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(files, entries="nowhere.jsonl") == 2
    assert "nowhere.jsonl cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["101", "-1", "half"])
def test_a_caution_beyond_the_slider_is_refused(files: Path, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(files, "--caution", typed)
    assert ended.value.code == 2
    assert "--caution" in capsys.readouterr().err


def test_more_caution_declines_more(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        files / "questions.jsonl",
        [{"text": "can i use my card", "entries": ["pay"]}, {"text": "open on sunday", "entries": ["hours"]}],
    )
    declined = []
    for caution in ("0", "50", "100"):
        assert run(files, "--json", "--caution", caution) == 0
        declined.append(json.loads(capsys.readouterr().out)["declined"])
    assert declined == sorted(declined)
