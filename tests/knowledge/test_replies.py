"""What typed words and control values say to a filtered question; what they never say (R14, R20)."""

import time
from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import replies
from knowledge.replies import Kind, Understood, Wanted

TODAY = date(2026, 11, 25)  # a Wednesday
SIZES = ("Balcony", "Small", "Large")
KINDS: tuple[Kind, ...] = ("text", "email", "phone", "number", "date", "choice")


def to(kind: Kind, text: str, **wanted: object) -> Understood:
    """What ``text``, typed, says to a question of that kind."""
    usual: dict[str, object] = {"choices": SIZES, "today": TODAY}
    return replies.typed(Wanted(kind, **usual | wanted), text)  # type: ignore[arg-type]


def by_control(kind: Kind, value: str, **wanted: object) -> Understood:
    usual: dict[str, object] = {"choices": SIZES, "today": TODAY}
    return replies.chosen(Wanted(kind, **usual | wanted), value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("email", "it's Ada@Example.org.", "Ada@example.org"),
        ("email", "write to 'ada@x.org', please", "ada@x.org"),
        ("email", "ada@x.org\nthanks", "ada@x.org"),
        ("phone", "you can call me on (201) 555-0123", "+12015550123"),
        ("phone", "+49 30 901820", "+4930901820"),
        ("number", "we are about 12", "12"),
        ("number", "three people", "3"),
        ("number", "5k", "5000"),
        ("number", "none", "0"),
        ("choice", "small", "Small"),
        ("choice", "the second one", "Small"),
        ("choice", "option 3 please", "Large"),
        ("choice", "I have a large garden", "Large"),
        ("choice", "balc", "Balcony"),
        ("choice", "ballcony", "Balcony"),
        ("choice", "Small?", "Small"),
        ("text", "Ada  Lovelace", "Ada Lovelace"),
        ("text", "I need a large pot", "I need a large pot"),
        ("text", "I don't want plastic", "I don't want plastic"),
        ("text", "yes", "yes"),
    ],
)
def test_an_answer_is_found_in_what_is_typed(kind: Kind, text: str, value: str) -> None:
    assert to(kind, text) == Understood("answer", value)


def test_a_name_is_taken_out_of_its_sentence_and_is_short() -> None:
    assert to("text", "Hi, my name is Ada Lovelace!", field="name").value == "Ada Lovelace"
    assert to("text", "Ich heiße Ada", field="name").value == "Ada"
    assert to("text", "Will Smith", field="name").value == "Will Smith"
    assert to("text", "my parcel was due on Monday and is not here", field="name").state == "other"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("email", "it's ada@x.org, and how long does delivery take?", "ada@x.org"),
        ("email", "ada@x.org where is my parcel", "ada@x.org"),
        ("phone", "+49 30 901820 - when do you call?", "+4930901820"),
        ("date", "next Friday, and how long does delivery take?", "2026-11-27"),
        ("number", "2 and do you deliver to Canada?", "2"),
        ("choice", "Small, and how long does delivery take?", "Small"),
        ("choice", "Large. Can I return it?", "Large"),
        ("text", "Ada. How long does delivery take?", "Ada"),
    ],
)
def test_an_answer_and_a_question_are_told_apart(kind: Kind, text: str, value: str) -> None:
    assert to(kind, text) == Understood("answer", value, asks=True)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "Do you have 3 in stock?"),
        ("number", "is order 4711 on its way"),
        ("date", "Do you deliver tomorrow?"),
        ("date", "what are your hours on Friday"),
        ("choice", "Do you deliver large plants?"),
        ("choice", "What is a small pot"),
        ("text", "How long does delivery take"),
        ("text", "Hi, how long does delivery take?"),
        ("text", "I ordered a fern last week. When does it come?"),
        ("text", "I need help with my order"),
        ("email", "How long does delivery take?"),
        ("phone", "how much is it"),
        ("date", "I sat there all day"),
    ],
)
def test_r20_a_word_in_a_question_of_the_visitors_own_is_no_answer_to_ours(kind: Kind, text: str) -> None:
    assert to(kind, text) == Understood("other")


@pytest.mark.parametrize("kind", ["text", "email", "phone", "date", "choice"])
@pytest.mark.parametrize("text", ["hello", "Thanks!", "guten Tag", "???", "👋"])
def test_politeness_is_no_answer(kind: Kind, text: str) -> None:
    assert to(kind, text).state == "other"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        *("no thanks", "I'd rather not", "I would prefer not to say", "none of your business", "skip this", "not now"),
        *("I don't know", "no idea", "nein danke", "lieber nicht", "keine Ahnung", "das weiß ich nicht"),
        *("non merci", "je préfère ne pas", "je ne sais pas", "no gracias", "prefiero no decirlo", "no lo sé"),
        *("no grazie", "liever niet", "nee bedankt", "prefiro não"),
    ],
)
def test_a_refusal_is_one_in_any_of_several_languages(kind: Kind, text: str) -> None:
    assert to(kind, text) == Understood("declined")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("email", text) for text in ("ada@home", "ada@", "ada at gmail dot com")),
        *(("phone", text) for text in ("12345", "0000 0000")),
        *(("number", text) for text in ("2 or 3", "2-3", "1.2.3.4")),
        *(("date", text) for text in ("31.02.2027", "2027-02-29", "in a few weeks", "13/13/2027")),
        *(("choice", text) for text in ("huge", "small or large")),
    ],
)
def test_what_was_meant_as_an_answer_and_is_none_is_told_what_is_expected(kind: Kind, text: str) -> None:
    understood = to(kind, text)
    assert (understood.state, understood.sentence) == ("invalid", replies.expected(Wanted(kind, SIZES, today=TODAY)))


def test_the_examples_that_are_given_are_answers_themselves() -> None:
    for kind in KINDS[1:5]:
        said = replies.expected(Wanted(kind, today=TODAY))
        example = said.rpartition("like ")[2].rstrip(".") or "5"
        if kind != "number":
            assert by_control(kind, example).state == "answer", said


def test_a_control_gives_the_value_alone() -> None:
    assert by_control("email", "my address is ada@x.org").state == "invalid"
    assert by_control("email", "ada@x.org") == Understood("answer", "ada@x.org")
    assert by_control("phone", "201 555 0123").value == "+12015550123"
    assert by_control("phone", "030 901820", country="DE").value == "+4930901820"
    assert by_control("number", "12,50 €", locale="de").value == "12.5"
    assert by_control("date", "2027-03-05").value == "2027-03-05"
    assert by_control("date", "2027-03-05; DROP TABLE").state == "invalid"
    assert by_control("choice", "the second one").state == "invalid"
    assert by_control("choice", "LARGE").value == "Large"
    assert [by_control(kind, "").state for kind in KINDS] == ["invalid"] * len(KINDS)
    assert by_control("text", "…").state == "invalid"


def test_choices_that_differ_in_marks_alone_are_not_mixed_up() -> None:
    thumbs = ("👍", "👎", "C", "C++")
    for choice in thumbs:
        assert by_control("choice", choice, choices=thumbs).value == choice
        assert to("choice", choice, choices=thumbs).value == choice
    assert by_control("choice", "c#", choices=thumbs).state == "invalid"
    assert to("choice", "no", choices=("Not sure", "Yes", "No")).value == "No"
    assert to("choice", "no", choices=("Nothing yet", "A little")).state == "declined"


@given(text=st.text(max_size=300), kind=st.sampled_from(KINDS))
def test_r14_whatever_is_written_it_is_understood_or_not_and_never_breaks(text: str, kind: Kind) -> None:
    wanted = Wanted(kind, SIZES, today=TODAY)
    for understood in (replies.typed(wanted, text), replies.chosen(wanted, text)):
        if understood.state != "answer":
            assert understood.value == ""
            continue
        assert understood.value
        if kind == "choice":
            assert understood.value in SIZES
        if kind == "date":
            date.fromisoformat(understood.value)
        if kind == "number":
            assert understood.value.isascii()
            float(understood.value)


@given(day=st.dates(date(1900, 1, 1), date(9_000, 1, 1)))
def test_a_date_from_the_control_comes_back_as_it_was(day: date) -> None:
    assert by_control("date", day.isoformat()) == Understood("answer", day.isoformat())
    assert to("date", f"on {day.isoformat()}, please").value == day.isoformat()


@given(region=st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_every_countrys_own_example_number_is_one(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    wanted = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert by_control("phone", national, country=region).value == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_r14_fifty_kilobytes_of_anything_take_no_time(kind: Kind) -> None:
    wanted = Wanted(kind, SIZES, today=TODAY)
    replies.typed(wanted, "warm up 12")
    pieces = (
        "a@",
        "a@a.",
        "1 000 ",
        "1.",
        "12/",
        "@",
        "and how ",
        ", ",
        "no ",
        "? ",
        "next ",
        "é",
        "\u202e",
        "((",
        "+1 ",
        "''",
    )
    for piece in pieces:
        text = piece * (50_000 // len(piece))
        started = time.process_time()
        replies.typed(wanted, text)
        replies.chosen(wanted, text)
        assert time.process_time() - started < 0.1, piece
