"""Sentences of a stream: whole, in order, nothing lost, and the same however the stream was cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sentences import LONG, LONGEST, Sentences


def split(*pieces: str) -> list[str]:
    sentences = Sentences()
    return [*(each for piece in pieces for each in sentences.feed(piece)), *sentences.close()]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Delivery takes 2 days. ", "It costs 4.90 €! ", "Anything else?"],
        ["See https://acme.example/a.b?c=1. ", "Or call."],
        ["Dr. Osei is in, e.g. on Monday at 9 a.m. or later. ", "Yes."],
        ["Am 3. Mai öffnen wir. ", "Es kostet z.B. 5 Euro."],
        ["Hm... let me see. ", "Well… yes. ", "Good."],
        ["Here is how:\n", "1. Open the page.\n", "2. Press **Go!**\n", "\n- Done.\n", "Bye"],
        ["It is (see p. 3. and 4.) fine. ", "Good."],
        ["It is **good. Very good.** ", "Yes."],
        ["Read [our page. It helps](https://acme.example) now. ", "Yes."],
        ["配送需要两天。", "费用是五元！", "还有问题吗？"],
        ["हाँ। ", "ठीक है।"],
        ["هل هذا جيد؟ ", "نعم."],
        ["```\na = 1.\nb = 2. \n```\n", "Done."],
        ['He said "yes." ', "Good."],
        ["no end at all"],
        [],
    ],
)
def test_a_text_is_split_where_its_sentences_end(sentences: list[str]) -> None:
    assert split("".join(sentences)) == sentences
    assert split(*"".join(sentences)) == sentences  # a character at a time


def test_a_sentence_leaves_as_soon_as_it_is_whole() -> None:
    sentences = Sentences()
    assert sentences.feed("It takes 2 days.") == []  # it may be 2 days.5, or "e.g."
    assert sentences.feed(" It") == ["It takes 2 days. "]
    assert sentences.feed(" costs\n") == ["It costs\n"]
    assert sentences.rest == ""


TEXT = st.text(st.sampled_from("ab.A1 !?\n*`[]()。…'\",:-é😀"), max_size=200) | st.text(max_size=200)


@given(st.lists(TEXT, max_size=12))
def test_nothing_is_lost_and_the_pieces_do_not_matter(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert "".join(split(*pieces)) == whole
    assert split(*pieces) == split(whole)


@given(TEXT)
def test_every_split_in_two_gives_the_same_sentences(text: str) -> None:
    for place in range(len(text) + 1):
        assert split(text[:place], text[place:]) == split(text)


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, "word " * 10_000, "1,1 " * 10_000, "(" * 50_000, "**" * 25_000, "``` " * 12_000, "a.b" * 16_000,
     "א" * 50_000, "😀" * 50_000, "\n" * 50_000, "... " * 12_000, "- [" * 16_000],
)  # fmt: skip
def test_a_text_without_ends_comes_in_bounded_parts_and_in_time(text: str) -> None:
    began = time.thread_time()  # of the processor, whatever else the machine does
    parts = split(text)
    seconds = time.thread_time() - began
    assert "".join(parts) == text
    assert all(len(part.strip("\n")) <= LONGEST for part in parts)
    assert seconds < 1.0, f"{1e6 * seconds / len(text):.1f} µs a character"


def test_a_long_text_without_ends_is_cut_between_plain_words_or_at_a_comma() -> None:
    plain, commas = "word " * 200, "word word word, " * 60
    assert {part.strip(" word") for part in split(plain)} == {""}
    assert all(LONG // 2 <= len(part) <= LONG + 10 for part in split(plain)[:-1])
    assert all(part.endswith(", ") for part in split(commas)[:-1])
