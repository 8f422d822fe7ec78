"""Grounding (R20): what the facts do not hold is not said, however it is written; what they hold is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import grounding as measured
from benchmarks.answers import answers
from engine.claims import Key
from engine.grounding import Ground
from engine.ports import Fact
from engine.reading import read
from engine.sentences import LONGEST
from engine.sieve import Sieve


def fact(question: str, answer: str, url: str | None = None) -> Fact:
    return Fact("e" * 32, question, answer, 1.0, url)


DELIVERY = fact(
    "How long does delivery take?",
    "Standard delivery takes **2 to 3 business days** and costs €4.90. Express delivery takes 1 day and costs "
    "€1,299.00.",
)
RETURNS = fact(
    "Can I return sale items?",
    "No, sale items are final. Everything else can be returned within 30 days, free of charge: "
    "https://acme.example/returns.",
)
HOURS = fact(
    "When are you open?",
    "Mon–Fri 9:00–18:00, Saturday 10 am to 2 pm. Call +49 30 1234567 or write to help@acme.example. Closed on "
    "Sundays. The "
    "AB-1234 pump was released on 3 May 2025.",
)
GROUND = Ground((DELIVERY, RETURNS, HOURS), ("Acme Plants", "Fern"), "Do you deliver to 10115?")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,299.00", "1299"),
        ("1 299,00", "1299"),
        ("1.299,00", "1299"),
        ("1'299", "1299"),
        ("two", "2"),
        ("twenty-five", "25"),
        ("thirty five", "35"),
        ("two hundred and ten", "210"),
        ("vingt et un", "21"),
        ("quatre-vingt-dix", "90"),
        ("treinta y cinco", "35"),
        ("siebenundzwanzig", "27"),
        ("eenentwintig", "21"),
        ("ventitré", "23"),
        ("٣٠", "30"),
        ("३०", "30"),
        ("３０", "30"),
    ],
)
def test_a_number_is_one_number_however_it_is_written(written: str, meant: str) -> None:
    assert keys(f"about {written} of them") == keys(f"about {meant} of them")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$5", "5 dollars"),
        ("€4.90", "4,90 EUR"),
        ("at 9 am", "at 09:00"),
        ("at 9 a.m.", "um 9 Uhr"),
        ("at 5 pm", "at 17:00"),
        ("um 9.30 Uhr", "at 9:30 am"),
        ("at noon", "at 12:00"),
        ("two days", "48 hours"),
        ("2 Wochen", "14 days"),
        ("half an hour", "30 minutes"),
        ("eine halbe Stunde", "30 min"),
        ("2 1/2 hours", "2.5 hours"),
        ("two and a half hours", "150 minutes"),
        ("three quarters of an hour", "45 min"),
        ("2½ hours", "150 minutes"),
        ("anderthalb Stunden", "90 Minuten"),
        ("12 months", "one year"),
        ("2-day", "2 days"),
        ("20%", "twenty percent"),
        ("3 May 2025", "May 3rd, 2025"),
        ("3. Mai 2025", "2025-05-03"),
        ("3 de mayo de 2025", "03.05.2025"),
        ("24/7", "24 hours a day, 7 days a week"),
        ("on Monday", "montags"),
        ("from Mon to Fri", "Monday - Friday"),
        ("2 to 3 days", "2–3 days"),
        ("100GB", "100 gigabytes"),
    ],
)
def test_a_value_is_one_value_however_it_is_written(one: str, other: str) -> None:
    assert keys(one) == keys(other) != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2 days", "2 weeks"),
        ("2 days", "2 business days"),
        ("1 month", "30 days"),
        ("4.90 EUR", "$4.90"),
        ("20%", "20"),
        ("9 am", "9 pm"),
        ("3 May", "5 March"),
        ("AB-1234", "AB-1235"),
        ("https://acme.example/a", "https://acme.example/b"),
        ("+49 30 1234567", "+49 30 1234568"),
        ("1.5", "15"),
    ],
)
def test_what_differs_in_value_or_unit_is_another_value(one: str, other: str) -> None:
    assert not keys(one) & keys(other)


def keys(text: str) -> set[Key]:
    return {key for claim in read(text).claims if claim.kind != "name" for key in claim.keys}


@pytest.mark.parametrize(
    "sentence",
    [
        "Standard delivery takes two to three working days.",
        "Express delivery costs EUR 1299.",
        "Die Standardlieferung dauert 2 bis 3 Werktage.",
        "La livraison standard coûte 4,90 €.",
        "You can return everything else within thirty days.",
        "We're open Monday to Friday from 9am to 6pm.",
        "On Saturday we open at 10:00.",
        "You can call us at 030 1234567.",
        "Write to **help@acme.example**.",
        "See [our page](https://www.acme.example/returns/).",
        "No, you can't return sale items.",
        "Returns are free.",
        "The AB1234 came out on May 3rd.",
        "- Delivery: 2–3 business days\n",
        "1. Call us.\n",
        "I'm Fern, the assistant of Acme Plants.",
        "I don't know whether we deliver to 10115.",
        "Do you want to know about delivery to 10115?",
        "Hi! Happy to help.",
        "I can ask a person to help you.",
        "Shall I pass your question on?",
        "You will get an e-mail once your order has been shipped.",
        "",
        "\n",
    ],
)
def test_what_the_facts_hold_is_said(sentence: str) -> None:
    assert GROUND.objection(sentence) is None


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("span", "Standard delivery takes 2 to 3 days."),
        ("span", "Standard delivery takes two to three weeks."),
        ("price", "Standard delivery costs €1,299."),
        ("price", "Express delivery costs $1,299."),
        ("time", "On Saturday we open at 9:00."),
        ("time", "We are open around the clock."),
        ("weekday", "We're open from Tuesday on."),
        ("number", "Yes, we deliver to 10115."),
        ("number", "There are 7 of them."),
        ("span", "You can return everything within 14 days."),
        ("link", "See https://acme.example/refunds."),
        ("link", "Look at acme-plants.example."),
        ("email", "Write to info@acme.example."),
        ("phone", "Call 030 7654321."),
        ("name", "Try our Aurora Max lamp."),
        ("name", "You can pay with Klarna."),
        ("code", "The AB-1235 is out."),
        ("date", "It came out on 4 May 2025."),
        ("contradiction", "Yes, you can return sale items."),
        ("contradiction", "Sale items can be returned."),
        ("contradiction", "We are open on Sundays."),
        ("action", "I've cancelled your order."),
        ("action", "Ich habe Ihre Bestellung storniert."),
        ("action", "J'ai envoyé un e-mail."),
        ("action", "He cancelado su pedido."),
        ("action", "Your refund has been processed."),
        ("action", "I'll send you the invoice."),
        ("length", "word " * (LONGEST // 4)),
    ],
)
def test_r20_what_they_do_not_hold_is_withheld(kind: str, sentence: str) -> None:
    assert GROUND.objection(sentence) == kind


def test_r20_a_value_of_the_visitors_own_is_repeated_but_never_confirmed() -> None:
    for repeated in ("Do you need it in 10115?", "I'm not sure about 10115.", "You asked about 10115."):
        assert GROUND.supported(repeated)
    for confirmed in (
        "Yes, we deliver to 10115.",
        "10115 is fine.",
        "We deliver to 10115 as well.",
        "Thanks, we deliver to 10115.",
        "I'm not sure about pots, but we deliver to 10115.",
        "You asked about it, and we deliver to 10115.",
    ):
        assert not GROUND.supported(confirmed)
    assert Ground((fact("Where?", "We deliver to 10115."),), (), "10115?").supported("Yes, we deliver to 10115.")


def test_r20_facts_of_another_prompt_are_no_support() -> None:
    assert Ground((HOURS,)).supported("Call +49 30 1234567.")
    assert not Ground((DELIVERY, RETURNS)).supported("Call +49 30 1234567.")


def test_the_aims_hold_on_the_made_set_and_the_part_held_out_is_in_it() -> None:
    judged = measured.judge(answers())
    assert len(judged) > 300
    assert sum(one.answer.held_out for one in judged) > len(judged) / 4
    withheld, lost = measured.rates(judged)
    assert withheld >= measured.AIM_WITHHELD
    assert lost <= measured.AIM_LOST


# Hostile -----------------------------------------------------------------------------------------------------------

PARTS = [
    "2", "days", "two", "€", "4.90", " ", ". ", "\n", "**", "(", "[x](", "https://", "a.b", "@", "9:00", "-", "–",
    "Mon",
    "3 May", "not", "I've sent", "%", "1/2", "½", "half an hour", "24/7", "א", "٣", "😀", "AB-1", "Yes, ", "`",
    "|", "n't",
    "a week", "e.g. ", "…", "。", "\u202e", "\x00", "'", "quatre-vingt", "hundert", "o'clock", "a.m.", "\ufffd",
]  # fmt: skip
ODD = st.lists(st.sampled_from(PARTS), max_size=60).map("".join) | st.text(max_size=300)


@given(ODD)
def test_a_check_never_raises_and_is_the_same_twice(text: str) -> None:
    assert GROUND.objection(text) == GROUND.objection(text)
    Ground((fact(text, text, text[:50]),), (text,), text).objection(text)


@given(ODD)
def test_a_fact_supports_its_own_sentences_word_for_word(text: str) -> None:
    ground = Ground((fact("What?", text),))
    sieve = Sieve(ground)
    shown = sieve.feed(text) + sieve.close()
    assert all(objection in (None, "length") for _, objection in sieve.units)
    assert shown.strip() == text.strip() or sieve.withheld


@given(st.lists(ODD, max_size=8))
def test_r20_nothing_that_is_refused_comes_through_and_nothing_is_lost(pieces: list[str]) -> None:
    sieve = Sieve(GROUND)
    shown = [sieve.feed(piece) for piece in pieces]
    assert "".join(sentence for sentence, _ in sieve.units) == "".join(pieces)[: sum(len(s) for s, _ in sieve.units)]
    shown.append(sieve.close())
    assert "".join(sentence for sentence, _ in sieve.units) == "".join(pieces)
    assert "".join(shown) == sieve.passed
    for sentence, objection in sieve.units:
        assert (objection is None) == (not sentence.strip() or GROUND.supported(sentence))
    kept = "".join(sentence for sentence, objection in sieve.units if not objection)
    assert sieve.passed.split() == kept.split() or "\n" in "".join(sieve.withheld)


STORY = (
    "Hello! Standard delivery takes 2–3 business days, e.g. by post. It costs €5.90. I've sent it.\n\n"
    "- Express: 1 day\n- Pickup: 4 hours\n- See [here](https://acme.example/returns).\n\nSunday? We are closed on "
    "Sundays"
)


def test_r20_every_split_of_a_stream_at_every_place_shows_the_same() -> None:
    whole = Sieve(GROUND)
    expected = whole.feed(STORY) + whole.close()
    assert [sentence.strip() for sentence in whole.withheld] == [
        "It costs €5.90.",
        "I've sent it.",
        "- Pickup: 4 hours",
    ]
    assert expected == (
        "Hello! Standard delivery takes 2–3 business days, e.g. by post. \n\n"
        "- Express: 1 day\n- See [here](https://acme.example/returns).\n\nSunday? We are closed on Sundays"
    )
    for place in range(len(STORY) + 1):
        sieve = Sieve(GROUND)
        assert sieve.feed(STORY[:place]) + sieve.feed(STORY[place:]) + sieve.close() == expected
        assert sieve.units == whole.units


def test_a_sentence_that_is_cut_off_shows_its_whole_words_unless_a_value_is_among_them() -> None:
    for torn, shown in (
        ("You can return ev", "You can return "),
        ("It takes 2 da", ""),
        ("It takes ", "It takes "),
        ("Acme", ""),
    ):
        sieve = Sieve(GROUND)
        assert (sieve.feed(torn), sieve.torn()) == ("", shown)


def test_a_withheld_sentence_is_replaced_by_the_entry_it_was_about_unless_that_was_said() -> None:
    sieve = Sieve(GROUND)
    sieve.feed("Standard delivery takes 9 days. ")
    assert sieve.replacement == (0, DELIVERY.answer)
    told = Sieve(GROUND)
    told.feed(f"{DELIVERY.answer} Delivery takes 9 days. ")
    assert told.replacement is None
    strange = Sieve(GROUND)
    strange.feed("Call Klarna. ")
    assert strange.replacement is None or strange.replacement[0] == 2


def test_of_a_long_entry_the_part_that_fits_replaces() -> None:
    parts = ["Pots are made of clay and come in many colours, all of them by hand."] * 12
    long = fact("About us?", "\n\n".join([*parts, "Our gift cards are valid for 3 years.", *parts]))
    sieve = Sieve(Ground((long,), (), "gift cards?"))
    sieve.feed("Gift cards are valid for 5 years. ")
    assert sieve.replacement == (0, "Our gift cards are valid for 3 years.")


def test_an_answer_rests_on_the_entries_that_hold_what_it_says() -> None:
    for text, places in (
        ("Standard delivery takes 2 to 3 business days. ", {0}),
        ("Returns are free. Call +49 30 1234567. ", {1, 2}),
        ("I don't know that. ", set[int]()),
        ("Sehr gern! ", {0}),
    ):
        sieve = Sieve(GROUND)
        sieve.feed(text)
        assert sieve.rests_on() == places, text


@pytest.mark.parametrize(
    "unit",
    ["x", " x", "1", "1 ", "a.b/", "(", "[a](b", "2 or ", "א ", "😀", "**", "@.", "n't ", "I have ", "ich habe ",
     "1,1 ", "twenty ",
     "your x ", "A B ", "9:00-", "Mon-", "$1 ", "€", "a@b.cc ", "+1 23 ", "http://", "not item, ", "i will just ",
     "24 h, ", "٣",
     "Ab12-", "half of an ", "-1", "1.1.1.", "\u202e", "| a ", "e.g. ", "three quarters of "],
)  # fmt: skip
def test_no_sentence_costs_more_than_5_ms_whatever_is_in_it(unit: str) -> None:
    for length in (300, LONGEST, 50_000):
        spent = []
        for _ in range(5):  # the machine is shared: the best of five, in time of the processor
            read.cache_clear()
            began = time.thread_time()
            GROUND.objection((unit * length)[:length])
            spent.append(time.thread_time() - began)
        assert min(spent) < 0.005, f"{1e3 * min(spent):.1f} ms for {length} of {unit!r}"
