import time

import pytest

from knowledge import demo, imports
from knowledge.contradictions import Statement, Twins, same_question, twins


def said(id: str, question: str, answer: str, *alternatives: str, locale: str = "en") -> Statement:
    return Statement(id, (question, *alternatives), answer, locale)


def only(*statements: Statement) -> Twins:
    (found,) = twins(statements)
    return found


def test_entries_that_answer_one_question_differently_are_found_with_the_reason() -> None:
    found = only(
        said("b", "What is the return period?", "You have 30 days."),
        said("c", "How much does a return cost?", "$5."),
        said("a", "Returns", "Within 14 days.", "what's the retrun period"),
    )
    assert (found.first, found.second, found.disagree) == ("a", "b", True)
    assert found.asked == ("what's the retrun period", "What is the return period?")
    assert found.difference is not None
    assert (found.difference.first, found.difference.second) == ("14 days", "30 days")


def test_entries_that_say_the_same_twice_are_offered_for_merging() -> None:
    found = only(said("a", "Where are you?", "At 5 Main Street."), said("b", "where are you", "At 5 Main Street."))
    assert not found.disagree


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("How long does delivery take?", "How long does express delivery take?"),
        ("How much is standard delivery?", "How much is express delivery?"),
        ("Where can I return an item?", "How can I return an item?"),
        ("Can I return plants?", "Can I return pots?"),
        ("When do you open on Sunday?", "When do you open on Monday?"),
        ("Can I cancel within 2 hours?", "Can I cancel within 24 hours?"),
        ("How often do I water a fern?", "How often do I water a cactus?"),
    ],
)
def test_questions_that_only_look_alike_are_left_in_peace(first: str, second: str) -> None:
    assert not same_question(first, second)
    assert twins([said("a", first, "Yes, $5 within 3 days."), said("b", second, "No, $9 within 8 days.")]) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("How much is delivery?", "How much does delivery cost?"),
        ("Can I return an item?", "can i return items??"),
        ("Is the shop open on Sundays?", "Are you open on Sunday"),
        ("Shipping to Canada", "Do you ship to Canada?"),
        ("How can I pay?", "How do I pay"),
    ],
)
def test_questions_that_differ_in_small_words_only_are_the_same(first: str, second: str) -> None:
    assert same_question(first, second)
    assert twins([said("a", first, "Yes, $5."), said("b", second, "No, $9.")])[0].disagree


def test_scripts_without_spaces_are_compared_too() -> None:
    found = twins(
        [said("a", "退货期限是多久", "30 天", locale="zh"), said("b", "退货期限是多久？", "14 天", locale="zh")]
    )
    assert found[0].disagree
    assert twins([said("a", "退货期限是多久", "30 天"), said("b", "送货需要多久", "14 天")]) == []


def test_a_translation_is_no_contradiction() -> None:
    asked = ("Hotel Restaurant?", "Yes, until 10 pm."), ("Hotel Restaurant?", "Ja, bis 23:00.")
    here, there = said("a", *asked[0]), said("b", *asked[1], locale="de-AT")
    assert twins([here, said("b", *asked[1])])[0].disagree
    assert twins([here, there]) == []


def test_a_pair_that_was_looked_at_is_not_shown_again() -> None:
    pair = [said("a", "Open today?", "Yes."), said("b", "open today", "No.")]
    assert twins(pair)[0].disagree
    assert twins(pair, but={("a", "b")}) == []


def test_the_demo_shops_faq_contradicts_itself_nowhere() -> None:
    rows = imports.parse(demo.FILE.read_bytes()).rows
    assert len(rows) > 90
    shop = [said(f"{row.number:03}", row.draft.question, row.draft.answer, *row.draft.alternatives) for row in rows]
    assert twins(shop) == []
    planted = said("new", "How long does the delivery take?", "Standard delivery takes 9 working days.")
    (found,) = twins([*shop, planted])
    assert found.second == "new"
    assert found.disagree


def test_a_thousand_entries_are_compared_in_about_a_second_and_many_more_stay_bounded() -> None:
    shop = [
        said(f"{i:05}", f"How do I {verb} my {thing} {i // 7}?", f"In {i} days.", f"{verb} {thing} number {i}")
        for i in range(1_000)
        for verb, thing in [(("water", "order", "return", "paint")[i % 4], ("fern", "pot", "card")[i % 3])]
    ]
    began = time.process_time()
    twins(shop)
    assert time.process_time() - began < 4  # 0.6 s on a quiet core


def test_nothing_and_one_entry_have_no_twin() -> None:
    assert twins([]) == twins([said("a", "Open?", "Yes.")]) == []
    assert twins([said("a", "?", "Yes."), said("b", "!", "No.")]) == []
