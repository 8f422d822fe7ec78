from engine.ports import Band
from knowledge.calibration import HIGH, LOW, Thresholds, band, calibrate
from knowledge.ranking import Candidate, Document, Ranking, build, rank

LINES = Thresholds(2.0, 4.0)


def of(*candidates: tuple[float, float]) -> Ranking:
    return Ranking(tuple(Candidate(str(i), score, like) for i, (score, like) in enumerate(candidates)))


def test_no_candidate_is_unsure() -> None:
    assert band(LINES, of()) is Band.UNSURE


def test_a_low_score_is_unsure_and_a_middling_one_between() -> None:
    assert band(LINES, of((1.9, 0.4))) is Band.UNSURE
    assert band(LINES, of((2.1, 0.4))) is Band.BETWEEN


def test_a_high_score_is_sure_only_with_a_clear_lead() -> None:
    assert band(LINES, of((6.0, 0.6), (3.0, 0.4))) is Band.SURE
    assert band(LINES, of((6.0, 0.6), (5.0, 0.4))) is Band.BETWEEN


def test_an_entrys_own_words_are_sure_unless_another_has_them_too() -> None:
    assert band(LINES, of((1.0, 1.0), (0.9, 0.5))) is Band.SURE
    assert band(LINES, of((6.0, 1.0), (5.9, 1.0))) is Band.BETWEEN


def test_bases_too_small_to_ask_themselves_use_constants() -> None:
    assert calibrate(build([])) == Thresholds(LOW, HIGH)
    assert calibrate(build([Document("1", ("Only question",))])) == Thresholds(LOW, HIGH)


def test_the_middle_line_never_lies_above_the_upper() -> None:
    documents = [Document(str(i), (f"topic {i} about colour {i % 3}", f"shade {i}")) for i in range(40)]
    lines = calibrate(build(documents))
    assert lines.low <= lines.high


def test_a_small_base_is_sure_of_its_words_and_unsure_of_foreign_ones() -> None:
    index = build(
        [
            Document("hours", ("What are your opening hours?", "When are you open?")),
            Document("pay", ("How can I pay?",)),
        ]
    )
    lines = calibrate(index)
    assert band(lines, rank(index, "what are your opening hours")) is Band.SURE
    assert band(lines, rank(index, "who won the world cup in 1998?")) is Band.UNSURE
