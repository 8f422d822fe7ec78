import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import features, ranking
from knowledge.ranking import Document, build

WORDS = ["order", "orders", "the", "there", "then", "banana", "bananas", "sending", "日本", "été", "unheard", "zz"]
TEXTS = ("the order of the bananas", "then there was an order", "sending orders", "日本 banana", "bananas été")
INDEX = build([Document("first", TEXTS[:3]), Document("second", TEXTS[3:], "there")])
asked = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(asked)
def test_a_question_is_as_long_as_what_the_base_knows_of_it(question: str) -> None:
    vector = features.question(INDEX.lexicon, question)
    length = float(np.linalg.norm(vector.weights))
    assert length <= 1 + 1e-6
    assert len(set(vector.ids.tolist())) == len(vector.ids)
    known = [word for word in question.split() if word not in ("unheard", "zz")]
    if known and len(known) == len(question.split()):
        assert length > 1 - 1e-6
    elif known:
        assert 0 < length < 1 - 1e-6


@settings(max_examples=100, deadline=None)
@given(asked)
def test_the_cosine_by_lists_is_that_of_the_two_vectors(question: str) -> None:
    vector = features.question(INDEX.lexicon, question)
    whole = np.zeros(len(INDEX.lexicon.weights), np.float32)
    whole[vector.ids] = vector.weights
    for row, near in enumerate(ranking.cosines(INDEX, vector)[: len(TEXTS)]):
        other = features.question(INDEX.lexicon, TEXTS[row])
        assert abs(float(whole[other.ids] @ other.weights) - near) < 1e-5
