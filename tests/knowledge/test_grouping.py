import random
import time

import pytest

from knowledge.grouping import grouped, spread

TOPICS = [
    ["Do you sell laptops?", "do you sell laptop", "have you got laptops", "do you sel laptops"],
    ["Do you have a student discount?", "Is there a discount for students", "student discout?"],
    ["Can I pay with bitcoin?", "do you accept bitcoin", "bitcoin payment"],
    ["are dogs allowed in the shop", "is my dog allowed in your store?"],
    ["可以用支付宝付款吗", "能用支付宝支付吗？"],
    ["Kann ich mit Rechnung bezahlen?", "mit Rechnung zahlen"],
    ["Do you sell unicorns?", "Are unicorns available?"],
]
ASKED = [question for topic in TOPICS for question in topic]


def as_sets(asked: list[str]) -> set[frozenset[str]]:
    return {frozenset(asked[i] for i in group) for group in grouped(asked)}


def test_rephrasings_and_slips_are_together_and_topics_apart() -> None:
    assert as_sets(ASKED) == {frozenset(topic) for topic in TOPICS}


def test_the_largest_group_comes_first_and_its_clearest_question_leads() -> None:
    first = grouped([*ASKED, "Do you sell laptops?"])[0]
    assert len(first) == 5
    assert ASKED[first[0]] == "Do you sell laptops?"


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_questions_come_changes_no_group(seed: int) -> None:
    shuffled = random.Random(seed).sample(ASKED, len(ASKED))
    assert as_sets(shuffled) == as_sets(ASKED)


def test_a_new_question_moves_no_other() -> None:
    before = as_sets(ASKED)
    after = as_sets([*ASKED, "Is there a parking space for my van?"])
    assert after == before | {frozenset(["Is there a parking space for my van?"])}


def test_the_same_words_are_one_however_often_they_are_written() -> None:
    assert grouped(["Wi-Fi?", "wi fi", "Do you water?", "WI-FI ???"]) == [[0, 1, 3], [2]]


def test_nothing_makes_no_group_and_texts_without_words_make_each_their_own() -> None:
    assert grouped([]) == []
    assert grouped(["👍", "🎉", "👍"]) == [[0, 2], [1]]


def test_two_thousand_different_questions_are_grouped_in_less_than_a_second() -> None:
    chosen = random.Random(7)
    words = [f"{a}{b}{c}" for a in ("plan", "gro", "ser", "tri") for b in "aeiou" for c in ("ter", "mon", "lik", "sad")]
    asked = [" ".join(chosen.choices(words, k=chosen.randint(3, 9))) for _ in range(2_000)]
    began = time.process_time()
    assert sum(map(len, grouped(asked))) == 2_000
    assert time.process_time() - began < 2  # 0.4 s on a quiet core


def test_what_is_spread_begins_with_the_first_and_differs_most() -> None:
    assert spread(ASKED[:7], 2) in ([0, 4], [0, 5], [0, 6])
    assert spread(["a plant", "A plant!", "a plant?"], 5) == [0]
    assert sorted(spread(TOPICS[2], 9)) == [0, 1, 2]
    assert spread([], 3) == []
