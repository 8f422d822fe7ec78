import numpy as np
import pytest

from engine.ports import Band
from knowledge.evaluate import Outcome, figures, prepare
from knowledge.labelled import Labelled
from knowledge.meanings import MEANINGS
from knowledge.ranking import Document

S, B, U = Band.SURE, Band.BETWEEN, Band.UNSURE


def case(expected: str, found: str, confidence: float, band: Band, ms: float = 1.0) -> Outcome:
    return Outcome("?", tuple(expected), tuple(found), 10 * confidence, confidence, band, ms)


CASES = (
    case("a", "abc", 0.9, S),
    case("a", "acb", 0.6, B),
    case("a", "bac", 0.6, B),
    case("a", "bcd", 0.2, U),
    case("a", "abc", 0.3, U),
    case("", "abc", 0.1, U),
    case("", "abc", 0.3, U),
    case("", "abc", 0.5, B),
)


def test_the_shares_of_questions_in_scope_add_up_and_so_do_those_out_of_scope() -> None:
    found = figures(CASES)
    assert (found.accuracy_at_1, found.accuracy_at_3) == (0.6, 0.8)
    assert (found.answered, found.wrong, found.declined) == (0.4, 0.2, 0.4)
    assert found.counts["answered"] + found.counts["wrong"] + found.counts["declined"] == found.counts["in_scope"] == 5
    assert found.refused == pytest.approx(2 / 3)
    assert found.counts["refused"] + found.counts["let_through"] == found.counts["out_of_scope"] == 3
    assert (found.sure_answered, found.sure_wrong) == (0.2, 0.0)


def test_the_model_is_asked_between_and_costs_a_credit_each_time() -> None:
    assert figures(CASES).credits == 3


def test_auroc_counts_pairs_and_ties_as_half() -> None:
    wins = sum((a > b) + 0.5 * (a == b) for a in (0.9, 0.6, 0.6, 0.2, 0.3) for b in (0.1, 0.3, 0.5))
    assert figures(CASES).auroc == pytest.approx(wins / 15)


def test_confidence_that_means_what_it_says_has_no_error() -> None:
    honest = [case("a", "a" if i < 7 else "b", 0.7, B) for i in range(10)]
    assert figures(honest).calibration_error == pytest.approx(0.0, abs=1e-9)
    boastful = [case("a", "a" if i < 7 else "b", 0.95, S) for i in range(10)]
    assert figures(boastful).calibration_error == pytest.approx(0.25)


def test_what_no_question_can_tell_is_none() -> None:
    assert figures([]).as_json()["accuracy_at_1"] is None
    only_inside = figures(CASES[:5])
    assert only_inside.auroc is None
    assert only_inside.refused is None
    assert figures(CASES[5:]).answered is None


def test_every_figure_has_a_meaning_that_can_be_shown() -> None:
    assert set(MEANINGS) == set(figures(CASES).as_json()) - {"counts", "credits"}


def test_what_went_wrong_is_what_a_visitor_would_notice() -> None:
    assert [outcome.went_wrong for outcome in CASES] == [False, False, True, True, True, False, False, True]


def test_a_base_is_judged_by_its_own_calibration_and_the_owners_caution() -> None:
    pay = Document("pay", ("How can I pay?", "do you take cards"))
    bench = prepare([pay, Document("hours", ("When are you open?",))])
    own = bench.judge(Labelled("how can i pay", ("pay",)))
    assert (own.found[0], own.band, own.is_right) == ("pay", S, True)
    assert own.ms > 0
    foreign = bench.judge(Labelled("who won the world cup in 1998?"))
    assert (foreign.band, foreign.went_wrong) == (U, False)
    order = [U, B, S]
    asked = [bench.judge(Labelled("can i pay by card", ("pay",)), caution).band for caution in (0, 50, 100)]
    assert [order.index(band) for band in asked] == sorted((order.index(band) for band in asked), reverse=True)


def test_meaning_counts_where_question_and_base_have_vectors_and_words_alone_elsewhere() -> None:
    seeds = np.random.default_rng(0)
    rows = seeds.normal(size=(12, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    documents = [Document(str(i), (f"word{i}", f"term{i}"), "", rows[[i, i]]) for i in range(12)]
    bench = prepare(documents)
    asked = Labelled("nothing of the kind", ("3",))
    assert bench.judge(asked).found == ()
    assert bench.judge(asked, vector=rows[3]).found[0] == "3"
    assert bench.judge(asked, vector=rows[3, :4]).found == ()
    assert prepare([Document("3", ("word",))]).judge(asked, vector=rows[3]).found == ()
