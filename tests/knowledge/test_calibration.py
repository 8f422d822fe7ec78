import random

import numpy as np
import pytest

from engine.ports import Band
from knowledge.calibration import (
    LEXICAL,
    SEMANTIC,
    Calibration,
    band,
    band_of,
    calibrate,
    is_related,
    lines_of,
    probability,
)
from knowledge.ranking import Candidate, Document, Index, Ranking, build, rank

USUAL = Calibration(LEXICAL.scale, LEXICAL.single)
THINGS = ["lamp", "chair", "table", "window", "door", "carpet", "mirror", "shelf", "kettle", "pillow", "basket"]
ASKS = ("how much is the {}", "what does a {} cost", "price of your {}", "is the {} expensive")


def of(*candidates: tuple[float, float]) -> Ranking:
    return Ranking(tuple(Candidate(str(i), score, like) for i, (score, like) in enumerate(candidates)))


def shop(phrasings: int = 4, things: list[str] = THINGS) -> Index:
    return build([Document(thing, tuple(ask.format(thing) for ask in ASKS[:phrasings])) for thing in things])


def test_no_candidate_has_no_chance() -> None:
    assert probability(USUAL, of()) == 0.0
    assert band(USUAL, of()) is Band.UNSURE


def test_a_higher_score_and_a_wider_lead_are_more_probable() -> None:
    low, high = probability(USUAL, of((2.0, 0.4), (1.0, 0.3))), probability(USUAL, of((4.0, 0.4), (3.0, 0.3)))
    led = probability(USUAL, of((4.0, 0.4), (0.5, 0.3)))
    assert 0 < low < high < led < 1


def test_the_bands_follow_the_probability() -> None:
    assert band(USUAL, of((0.5, 0.2), (0.4, 0.2))) is Band.UNSURE
    assert band(USUAL, of((6.0, 0.5), (4.4, 0.4))) is Band.BETWEEN
    assert band(USUAL, of((9.0, 0.7), (2.0, 0.3))) is Band.SURE


def test_an_entrys_own_words_are_sure_whatever_the_caution() -> None:
    own = of((0.5, 1.0), (0.4, 0.5))
    assert all(band(USUAL, own, caution) is Band.SURE for caution in (0, 50, 100))


def test_words_that_two_entries_share_are_never_sure() -> None:
    torn = of((9.0, 1.0), (1.0, 1.0))
    assert band(USUAL, torn) is Band.BETWEEN
    assert all(band(USUAL, torn, caution) is not Band.SURE for caution in (0, 50, 100))


def test_more_caution_never_answers_more() -> None:
    order = [Band.UNSURE, Band.BETWEEN, Band.SURE]
    for chance in np.linspace(0, 0.98, 50):
        found = [order.index(band_of(float(chance), caution)) for caution in range(0, 101, 5)]
        assert found == sorted(found, reverse=True)
    assert lines_of(0).low < lines_of(50).low < lines_of(100).low
    assert all(lines_of(caution).low < lines_of(caution).high for caution in range(101))


@pytest.mark.parametrize("semantic", [False, True])
def test_a_base_that_says_nothing_is_read_as_usual(semantic: bool) -> None:
    prior = SEMANTIC if semantic else LEXICAL
    for documents in ([], [Document("1", ("Only question",))], [Document("1", ("   ",))]):
        found = calibrate(build(documents), semantic=semantic)
        assert (found.scale, found.weights, found.cases, found.chats) == (prior.scale, prior.single, 0, 0)


def test_single_phrasings_give_the_scale_but_never_teach_doubt() -> None:
    found = calibrate(shop(phrasings=1))
    assert found.weights == LEXICAL.single
    assert found.scale != LEXICAL.scale


def test_a_base_whose_entries_recognise_their_own_phrasings_is_trusted_more_than_one_whose_do_not() -> None:
    telling = build([Document(thing, tuple(f"{ask} {thing}" for ask in ("buy", "order", "want"))) for thing in THINGS])
    drawn = random.Random(0)
    asks = ("buy", "order", "want", "see")
    mixed = build([Document(str(i), tuple(f"{a} {drawn.choice(THINGS)}" for a in asks)) for i in range(len(THINGS))])
    trusted, doubted = calibrate(telling), calibrate(mixed)
    assert trusted.cases > 20
    assert doubted.cases > 10
    even = Calibration(LEXICAL.scale, LEXICAL.single)
    ranking = of((3.0, 0.5), (2.0, 0.4))
    given = [probability(Calibration(even.scale, found.weights), ranking) for found in (doubted, trusted)]
    assert given[0] < given[1]


def test_approved_chats_move_the_probability_towards_what_they_show() -> None:
    index = shop(phrasings=1)
    asked = [f"can i buy the {thing} today" for thing in THINGS]
    right = calibrate(index, [(question, thing) for question, thing in zip(asked, THINGS, strict=True)])
    none = calibrate(index, [(question, None) for question in asked])
    ranking = rank(index, "shall i buy a lamp today")
    assert right.chats == none.chats == len(THINGS)
    assert probability(none, ranking) < probability(calibrate(index), ranking) < probability(right, ranking)


def test_an_entry_that_is_gone_makes_its_chat_a_wrong_answer_not_an_error() -> None:
    found = calibrate(shop(), [("can i buy the lamp", "gone"), ("", "lamp"), ("???", None)])
    assert found.chats == 1


def test_words_and_meaning_are_calibrated_apart() -> None:
    seeds = np.random.default_rng(0)
    documents = []
    for thing in THINGS:
        centre = seeds.normal(size=16)
        drawn = centre + 0.3 * seeds.normal(size=(len(ASKS), 16))
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        documents.append(Document(thing, tuple(a.format(thing) for a in ASKS), "", drawn.astype(np.float32)))
    index = build(documents)
    lexical, semantic = calibrate(index), calibrate(index, semantic=True)
    assert (lexical.semantic, semantic.semantic) == (False, True)
    assert lexical.scale != semantic.scale
    vectors = documents[0].vectors
    assert vectors is not None
    chats = [("light for the night", "lamp"), ("nothing of the kind", None)]
    assert calibrate(index, chats, semantic=True).chats == 0
    assert calibrate(index, chats, semantic=True, vectors={"light for the night": vectors[0]}).chats == 1


def test_the_same_base_is_always_read_the_same() -> None:
    assert calibrate(shop()) == calibrate(shop())


def test_a_small_base_is_sure_of_its_words_and_unsure_of_foreign_ones() -> None:
    hours = Document("hours", ("What are your opening hours?", "When are you open?"))
    index = build([hours, Document("pay", ("How can I pay?",))])
    found = calibrate(index)
    assert band(found, rank(index, "what are your opening hours")) is Band.SURE
    assert band(found, rank(index, "who won the world cup in 1998?")) is Band.UNSURE


def test_words_that_two_entries_share_teach_nothing() -> None:
    shared = "how much is the lamp"
    found = calibrate(build([Document("1", (shared,)), Document("2", (shared,))]))
    assert (found.scale, found.weights) == (LEXICAL.scale, LEXICAL.single)


def test_what_has_only_empty_words_in_common_is_not_offered() -> None:
    assert is_related(USUAL, Candidate("1", 2.0, 0.4))
    assert not is_related(USUAL, Candidate("1", 0.1, 0.1))


def test_a_large_base_is_sampled_not_read_whole() -> None:
    drawn = random.Random(0)
    words = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nprst"]
    documents = [Document(str(i), tuple(" ".join(drawn.sample(words, 6)) for _ in range(2))) for i in range(4_000)]
    assert 40 <= calibrate(build(documents)).cases <= 300
