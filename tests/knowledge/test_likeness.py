import tracemalloc
from itertools import product

import numpy as np
import pytest

from knowledge import likeness
from knowledge.likeness import compared

ASKS = ("How do I", "Can I")
ASKED = ["How long does delivery take?", "how long does the delivery take", "Do you sell laptops?", "", "👍"]


def test_a_text_is_wholly_like_itself_and_the_order_of_two_does_not_matter() -> None:
    found = likeness.matrix(compared(ASKED))
    assert np.allclose(np.diag(found), 1.0)
    assert np.array_equal(found, found.T)
    assert found[0, 1] > 0.9
    assert found[0, 2] < 0.2


def test_texts_without_words_are_like_nothing() -> None:
    found = likeness.matrix(compared(ASKED))
    assert not found[3, [0, 1, 2, 4]].any()
    assert likeness.matrix(compared([])).shape == (0, 0)


def test_a_slip_is_read_as_the_word_it_was_meant_to_be() -> None:
    meant = ["Do you sell unicorns?", "unicorns for sale", "do you sell unicrons"]
    foreign = [*meant[:2], "do you sell popcorns"]
    assert likeness.matrix(compared(meant))[0, 2] > 0.95
    assert likeness.matrix(compared(foreign))[0, 2] < 0.6


def test_the_words_that_every_question_has_make_none_alike() -> None:
    shared = [f"Do you have {thing}?" for thing in ("laptops", "unicorns", "parking", "vouchers", "a café")]
    found = likeness.matrix(compared(shared))
    assert found[np.triu_indices(len(shared), 1)].max() < 0.3


def test_background_tells_which_words_are_common() -> None:
    two = ["Is the monstera pet safe?", "Is the monstera in stock?"]
    others = [f"Does a monstera need {what}?" for what in ("light", "water", "space", "soil", "feed")]
    alone = likeness.matrix(compared(two))[0, 1]
    among = likeness.matrix(compared(two, background=others))[0, 1]
    assert among < alone


@pytest.mark.parametrize("floor", [0.4, 0.7])
def test_pairs_are_those_of_the_matrix(floor: float) -> None:
    texts = [f"{how} {what}" for how in ("How do I", "Can I", "where to") for what in ("pay", "return it", "pay now")]
    made = compared([*texts, *ASKED])
    whole = np.triu(likeness.matrix(made), 1)
    first, second, near = likeness.pairs(made, floor)
    assert {*zip(first.tolist(), second.tolist(), strict=True)} == {*zip(*np.nonzero(whole >= floor), strict=True)}
    assert np.allclose(near, whole[first, second], atol=1e-5)


def test_no_pairs_in_nothing() -> None:
    assert len(likeness.pairs(compared([]), 0.5)[0]) == 0
    assert len(likeness.pairs(compared(["", "?"]), 0.5)[0]) == 0


def test_thousands_of_texts_that_share_most_words_are_compared_in_bounded_memory() -> None:
    verbs = "deliver return pay rent track pack wrap store buy clean sell fix".split()
    looks = "red blue large small old new cheap heavy round square".split()
    things = "chair table lamp sofa bed desk shelf clock vase plant".split()
    texts = [f"{how} {verb} the {look} {thing}?" for how, verb, look, thing in product(ASKS, verbs, looks, things)]
    made = compared(texts)
    tracemalloc.start()
    found = likeness.pairs(made, 0.45)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(texts), len(found[0]) > 50_000) == (2_400, True)
    assert peak < 300_000_000  # bytes; all pairs' common features at once would take 700 million
