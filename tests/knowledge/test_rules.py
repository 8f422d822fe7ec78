"""Which of the owner's rules a message meets, and which it does not."""

import time

import pytest

from engine.ports import Rule
from knowledge import rules

BLOCK = Rule("block", "b" * 32, "Ask a doctor.")
ROUTE = Rule("route", "r" * 32, "A colleague does that.")
READY = rules.learn(
    [(BLOCK, ["medical advice", "is it poisonous", "who are you"]), (ROUTE, ["cancel my order", "refund"])], "english"
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Can you give me medical advice?", BLOCK),
        ("advice that is MEDICAL", BLOCK),
        ("is this poisonous for cats", BLOCK),
        ("is this posionous for cats", BLOCK),
        ("Who are you?", BLOCK),
        ("hey, who are you", BLOCK),
        ("please cancel both orders", ROUTE),
        ("I am cancelling an order", ROUTE),
        ("REFUNDS??", ROUTE),
    ],
)
def test_a_phrase_is_met_in_any_form_order_and_misspelling(text: str, rule: Rule) -> None:
    assert rules.met(READY, text) == rule


@pytest.mark.parametrize(
    "text",
    [
        *("", "???", "I want advice on pots", "where is my order", "who says that you are able to deliver"),
        *("medicaladvice", "a cancellation fee?", "funded by whom", "advice on medicine"),
    ],
)
def test_words_that_make_no_whole_phrase_meet_nothing(text: str) -> None:
    assert rules.met(READY, text) is None


def test_the_first_rule_in_the_owners_order_counts() -> None:
    both = "medical advice on cancelling my order"
    assert rules.met(READY, both) == BLOCK
    turned = rules.learn([(ROUTE, ["cancel my order"]), (BLOCK, ["medical advice"])], "english")
    assert rules.met(turned, both) == ROUTE


def test_rules_are_met_in_other_languages_and_scripts() -> None:
    german = rules.learn([(ROUTE, ["Bestellung stornieren"])], "german")
    assert rules.met(german, "Bitte storniert meine Bestellungen") == ROUTE
    chinese = rules.learn([(BLOCK, ["医疗建议"])], None)
    assert rules.met(chinese, "你能给我医疗建议吗") == BLOCK
    assert rules.met(chinese, "你们几点开门") is None


def test_a_phrase_without_any_word_is_never_met() -> None:
    assert rules.met(rules.learn([(BLOCK, ["", "…", "  "])], "english"), "anything at all … ") is None


def test_as_many_rules_as_an_owner_may_have_take_no_time() -> None:
    many = rules.learn([(ROUTE, [f"phrase{i} number{j}" for j in range(50)]) for i in range(50)], "english")
    text = " ".join(f"unknownword{i}" for i in range(200))
    rules.met(many, text)
    started = time.process_time()
    assert rules.met(many, text) is None
    assert time.process_time() - started < 0.05
