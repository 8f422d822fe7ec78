from dataclasses import replace

import numpy as np
import pytest

from knowledge.logistic import Matrix
from knowledge.ranking import Document, Index, build, likeness_of, rank

MEANINGS: dict[str, tuple[float, ...]] = {
    "How long does delivery take?": (1, 0, 0, 0.1),
    "When will my order arrive?": (1, 0.1, 0, 0),
    "Can I send something back?": (0, 1, 0, 0.1),
    "What is your return policy?": (0, 1, 0.1, 0),
    "How can I pay?": (0, 0, 1, 0),
    "when is my parcel here": (0.9, 0.2, 0.1, 0),
}
DOCUMENTS = [
    Document("delivery", ("How long does delivery take?", "When will my order arrive?")),
    Document("returns", ("Can I send something back?", "What is your return policy?")),
    Document("payment", ("How can I pay?",)),
]


def of(*texts: str) -> Matrix:
    vectors = np.array([MEANINGS[text] for text in texts], np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def embedded(*ids: str) -> Index:
    return build([replace(d, vectors=of(*d.phrasings)) if d.id in ids else d for d in DOCUMENTS])


EVERY = embedded("delivery", "returns", "payment")
PARCEL = "when is my parcel here"


def test_a_question_is_found_by_its_meaning_where_words_fail() -> None:
    assert rank(EVERY, "consignment", of(PARCEL)[0]).candidates[0].id == "delivery"
    assert rank(EVERY, "consignment").candidates == ()


def test_without_a_vector_an_index_with_vectors_ranks_as_one_without() -> None:
    for question in ("how can i pay", "order", "what is back"):
        assert rank(EVERY, question) == rank(build(DOCUMENTS), question)


@pytest.mark.parametrize("vector", [np.ones(7, np.float32), np.ones((1, 4), np.float32)])
def test_a_vector_of_another_model_is_left_aside(vector: Matrix) -> None:
    assert rank(EVERY, "how can i pay", vector) == rank(EVERY, "how can i pay")


def test_an_index_is_semantic_once_every_phrasing_has_a_vector() -> None:
    assert EVERY.semantic
    assert not embedded("delivery", "returns").semantic
    assert not build(DOCUMENTS).semantic
    assert not build([]).semantic


def test_a_phrasing_without_a_vector_is_neither_favoured_nor_left_behind() -> None:
    mixed = embedded("delivery", "returns")
    assert rank(mixed, "How can I pay?", of("How can I pay?")[0]).candidates[0].id == "payment"
    assert rank(mixed, "how could i pay", of("How can I pay?")[0]).candidates[0].id == "payment"
    assert rank(mixed, PARCEL, of(PARCEL)[0]).candidates[0].id == "delivery"
    assert rank(mixed, "can it be sent back", of("Can I send something back?")[0]).candidates[0].id == "returns"


def test_where_most_phrasings_have_no_vector_words_alone_decide() -> None:
    few = embedded("payment")
    assert rank(few, "my order", of("How can I pay?")[0]) == rank(build(DOCUMENTS), "my order")


def test_vectors_that_do_not_fit_their_entry_count_as_none() -> None:
    wrong = build(
        [
            *(replace(d, vectors=of(*d.phrasings)) for d in DOCUMENTS[:2]),
            replace(DOCUMENTS[2], vectors=of(PARCEL, PARCEL)),
        ]
    )
    assert not wrong.semantic
    assert rank(wrong, "How can I pay?", of("How can I pay?")[0]).candidates[0].id == "payment"


def test_a_phrasing_is_wholly_like_itself_by_words_and_by_meaning() -> None:
    for semantic in (False, True):
        for row in range(5):
            assert likeness_of(EVERY, row, semantic)[row] == pytest.approx(1.0, abs=1e-3)
    assert likeness_of(EVERY, 0, True)[1] > likeness_of(EVERY, 0)[1] + 0.5
