import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import features, ranking
from knowledge.ranking import Document, build

WORDS = ["order", "orders", "the", "there", "then", "banana", "bananas", "sending", "日本", "été", "unheard", "zz"]
BASE = [
    Document("first", ("the order of the bananas", "then there was an order", "sending orders"), "bananas été"),
    Document("second", ("日本 banana", "banana banana banana"), "there"),
]


SMALL = build(BASE)
LARGE = build([*BASE, Document("many", tuple(f"shelf {n}" for n in range(ranking.SMALL)))])


@pytest.mark.parametrize(("index", "bundled"), [(SMALL, True), (LARGE, False)])
@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_a_question_in_bundles_is_the_same_question(index: ranking.Index, bundled: bool, question: str) -> None:
    assert index.lexicon.bundled is bundled
    plain = ranking.cosines(index, features.vector(index.lexicon, question))
    assert np.allclose(ranking.cosines(index, features.question(index.lexicon, question)), plain, atol=1e-6)


def test_a_question_has_about_as_many_features_as_words() -> None:
    lexicon = SMALL.lexicon
    asked = "sending the bananas"
    assert len(features.question(lexicon, asked).ids) < 10 < len(features.vector(lexicon, asked).ids)
