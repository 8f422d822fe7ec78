"""The made set of answers with planted falsehoods, as the benchmark measures it: the aims hold."""

from benchmarks.answers import answers
from benchmarks.grounding import judge, rates

PLANTED, TRUE = 0.99, 0.02  # of planted sentences withheld at least, of true ones at most


def test_planted_falsehoods_are_withheld_and_true_sentences_are_not() -> None:
    made = answers()
    assert len(made) >= 300
    planted, true = rates(judge(made))
    assert planted >= PLANTED
    assert true <= TRUE
