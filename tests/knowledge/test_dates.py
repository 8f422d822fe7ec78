"""Dates and numbers as people write them in several languages, and such as nobody has."""

from datetime import date

import pytest

from knowledge import dates, numbers

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "locale", "found"),
    [
        ("2027-03-05", "en", "2027-03-05"),
        ("2027/3/5", "de", "2027-03-05"),
        ("5.3.2027", "en-US", "2027-03-05"),
        ("03/05/2027", "en-US", "2027-03-05"),
        ("03/05/2027", "en-GB", "2027-05-03"),
        ("03/05/2027", "fr", "2027-05-03"),
        ("25/03/2027", "en-US", "2027-03-25"),
        ("5.3.27", "de", "2027-03-05"),
        ("5.3.", "de", "2027-03-05"),
        ("24.12.", "de", "2026-12-24"),
        ("3月5日", "ja", "2027-03-05"),
        ("March 5th, 2027", "en", "2027-03-05"),
        ("the 5th of March", "en", "2027-03-05"),
        ("am 5. März", "de", "2027-03-05"),
        ("le 1er août 2027", "fr", "2027-08-01"),
        ("el 5 de marzo de 2027", "es", "2027-03-05"),
        ("29 February", "en", "2028-02-29"),
        ("today", "en", "2026-11-25"),
        ("tomorrow", "en", "2026-11-26"),
        ("the day after tomorrow", "en", "2026-11-27"),
        ("morgen", "de", "2026-11-26"),
        ("übermorgen", "de", "2026-11-27"),
        ("demain", "fr", "2026-11-26"),
        ("après-demain", "fr", "2026-11-27"),
        ("aujourd'hui", "fr", "2026-11-25"),
        ("hier", "fr", "2026-11-24"),
        ("mañana", "es", "2026-11-26"),
        ("pasado mañana", "es", "2026-11-27"),
        ("next Friday", "en", "2026-11-27"),
        ("on fri", "en", "2026-11-27"),
        ("nächsten Freitag", "de", "2026-11-27"),
        ("vendredi prochain", "fr", "2026-11-27"),
        ("el próximo viernes", "es", "2026-11-27"),
        ("Wednesday", "en", "2026-12-02"),
        ("in 3 days", "en", "2026-11-28"),
        ("in two weeks", "en", "2026-12-09"),
        ("in einer Woche", "de", "2026-12-02"),
        ("dans 2 semaines", "fr", "2026-12-09"),
        ("en tres días", "es", "2026-11-28"),
    ],
)
def test_a_date_is_read_as_its_writer_means_it(text: str, locale: str, found: str) -> None:
    assert dates.found(text, locale, TODAY, alone=False) == found


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("31.02.2027", "de"),
        ("2027-02-29", "en"),
        ("13/13/2027", "en-US"),
        ("0000-01-01", "en"),
        ("1.1.0000", "de"),
        ("99 March", "en"),
        ("ich bin hier", "de"),
        ("guten Morgen", "de"),
        ("por la mañana", "es"),
        ("c'est mon anniversaire", "fr"),
        ("I sat in the sun", "en"),
        ("Friday or Saturday", "en"),
        ("version 1.2.3.4", "en"),
        ("12345-67-89012", "en"),
        ("", "en"),
    ],
)
def test_what_is_no_date_or_no_day_at_all_is_none(text: str, locale: str) -> None:
    assert dates.found(text, locale, TODAY, alone=False) is None


@pytest.mark.parametrize(
    ("text", "locale", "found"),
    [
        ("1,234", "en", "1234"),
        ("1,234", "de", "1.234"),
        ("1.234", "de", "1234"),
        ("1.234", "en", "1.234"),
        ("1.234,50 €", "de", "1234.5"),
        ("1,234.50", "de", "1234.5"),
        ("1 234 567", "fr", "1234567"),
        ("1\u202f234,5", "fr", "1234.5"),
        ("1'234.50", "de-CH", "1234.5"),
        ("12,34,567", "en-IN", "1234567"),
        ("0.500", "de", "0.5"),
        ("-3", "en", "-3"),
        ("−0", "en", "0"),
        ("007", "en", "7"),
        ("٣", "ar", "3"),
        ("2.5k", "en", "2500"),
        ("12 kg", "en", "12"),
        ("drei", "de", "3"),
        ("fünf", "de", "5"),
        ("deux", "fr", "2"),
    ],
)
def test_a_number_is_read_by_the_marks_of_its_locale(text: str, locale: str, found: str) -> None:
    assert numbers.found(text, locale, alone=True) == found


@pytest.mark.parametrize("text", ["", "many", "2 3", "2-3", "1.2.3", "1,2,3", "1.2,3.4", "one or two", "1234.5,6,7"])
def test_several_numbers_or_none_are_none(text: str) -> None:
    assert numbers.found(text, "en", alone=False) is None


def test_beside_a_controls_number_only_a_unit_may_stand() -> None:
    assert numbers.found("5 people", "en", alone=True) == "5"
    assert numbers.found("we are a group of 5", "en", alone=True) is None
    assert numbers.found("we are a group of 5", "en", alone=False) == "5"
