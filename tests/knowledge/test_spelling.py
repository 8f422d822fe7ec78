import pytest

from knowledge import spelling

SPELLER = spelling.learn({"delivery": 9, "return": 5, "refund": 4, "pots": 3, "post": 7, "card": 2, "care": 1})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("delivry", "delivery"),
        ("deliverry", "delivery"),
        ("delivety", "delivery"),
        ("delviery", "delivery"),
        ("retrun", "return"),
        ("xeturn", "return"),
    ],
)
def test_a_word_one_edit_away_is_read_as_the_known_one(written: str, meant: str) -> None:
    assert spelling.repaired(SPELLER, written) == meant


@pytest.mark.parametrize("written", ["dlvry", "car", "", "4711", "laptops"])
def test_a_word_further_away_or_too_short_stays_unknown(written: str) -> None:
    assert spelling.repaired(SPELLER, written) is None


def test_of_several_the_first_letter_decides_and_then_how_often_it_occurs() -> None:
    assert spelling.repaired(SPELLER, "cart") == "card"
    assert spelling.repaired(SPELLER, "potz") == "pots"
    assert spelling.repaired(SPELLER, "poss") == "post"
