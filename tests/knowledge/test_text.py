import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import text


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("  What's   your PHONE number?! ", "whats your phone number"),
        ("I haven\u2019t paid", "i havent paid"),
        ("Café crème", "cafe creme"),
        ("ﬁne ＷＩＤＥ", "fine wide"),
        ("nu\0ll", "nu ll"),
        ("soft\u00adhyphen \u202eright-to-left", "softhyphen right to left"),
        ("\u200dzero\u200bwidth", "zerowidth"),
        ("", ""),
        ("?!…", ""),
    ],
)
def test_what_people_write_differently_is_compared_alike(written: str, normal: str) -> None:
    assert text.normalise(written) == normal


def test_scripts_without_spaces_are_read_as_characters_and_pairs() -> None:
    assert text.words("送料は?") == ["送", "料", "は", "送料", "料は"]
    assert text.words("配送 fee") == ["配", "送", "配送", "fee"]


def test_a_stem_is_shared_by_the_forms_of_a_word() -> None:
    assert text.stem("deliveries", "english") == text.stem("delivery", "english")
    assert text.stem("deliveries", None) == "deliveries"


def test_a_locale_names_its_language_and_an_unknown_one_none() -> None:
    assert text.language_of("pt-BR") == "portuguese"
    assert text.language_of("EN_us") == "english"
    assert text.language_of("tlh") is None
    assert text.language_of("") is None


def test_grams_stay_inside_the_marked_word() -> None:
    assert text.grams("pot") == ["<po", "pot", "ot>", "<pot", "pot>"]
    assert text.grams("a") == ["<a>"]


@given(st.text())
def test_any_text_has_words_of_bounded_length(written: str) -> None:
    assert all(0 < len(word) <= text.LONGEST_WORD for word in text.words(written))


@given(st.text(st.characters(codec="ascii"), max_size=100))
def test_plain_text_is_split_as_any_other(written: str) -> None:
    assert text.words(written) == [word[: text.LONGEST_WORD] for word in text.normalise(written).split()]
