import pytest

from knowledge.claims import difference, quantities, same

DAY = 86_400


@pytest.mark.parametrize(
    ("first", "second", "kind", "words"),
    [
        ("You have 30 days.", "Return it within 14 days of delivery.", "numbers", ("30 days", "14 days")),
        ("It costs **$5.95**, free over $60.", "Delivery is $7, free over $60.", "numbers", ("$5.95", "$7")),
        ("We open at 9 am.", "From 10:00 on.", "numbers", ("9 am.", "10:00")),
        ("It ends on 24 December.", "The last day is Dec 23rd.", "numbers", ("24 December", "Dec 23rd")),
        ("10 % off for students.", "Students get 15% off.", "numbers", ("10 %", "15%")),
        ("Within 2 weeks.", "Within 10 days.", "numbers", ("2 weeks", "10 days")),
        ("Das dauert 3 Tage.", "Innerhalb von 5 Tagen.", "numbers", ("3 Tage", "5 Tagen")),
        ("Yes, always.", "No, it costs extra.", "yes_no", ("Yes, always.", "No, it costs extra.")),
        ("Of course, in all sizes.", "Sorry, we do not.", "yes_no", ("Of course, in all sizes.", "Sorry, we do not.")),
        (
            "We ship to Canada.",
            "We don't ship to Canada.",
            "yes_no",
            ("We ship to Canada.", "We don't ship to Canada."),
        ),
        ("Write to a@shop.example.", "Write to b@shop.example.", "contact", ("a@shop.example", "b@shop.example")),
        ("Call (503) 555-0142.", "Call (503) 555-0199.", "contact", ("(503) 555-0142", "(503) 555-0199")),
        ("Open My orders.", "Ask the clerk.", "substance", ("Open My orders.", "Ask the clerk.")),
    ],
)
def test_two_answers_part_where_a_person_would_say_so(
    first: str, second: str, kind: str, words: tuple[str, str]
) -> None:
    found = difference(first, second)
    assert found is not None
    assert (found.kind, (found.first, found.second)) == (kind, words)
    turned = difference(second, first)
    assert turned is not None
    assert (turned.kind, (turned.second, turned.first)) == (kind, words)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It takes 2 weeks.", "It takes 14 days."),
        ("3–5 working days.", "Usually 4 working days."),
        ("Yes, from $10 to $500.", "Yes: gift cards go from $10 to $500 and come by e-mail within 2 days."),
        ("$1,000 at most.", "At most $1000."),
        ("Yes, Visa.", "Yes, we take cards such as Visa and Mastercard."),
        ("No problem, just bring it back to the store.", "Just bring it back to the store."),
        ("Open at 9:00.", "We open at 9 am."),
        ("Write to a@shop.example.", "Write to A@shop.example or b@shop.example."),
        ("1. Open My orders.\n2. Choose Return.", "Open My orders and choose Return."),
        ("See [our rates](/rates-2024).", "See [our rates](/rates-2025)."),
        ("Not later than 30 days.", "Within 30 days."),
        ("", ""),
    ],
)
def test_answers_that_may_stand_side_by_side_do_not_part(first: str, second: str) -> None:
    assert difference(first, second) is None
    assert difference(second, first) is None


def test_quantities_carry_their_units() -> None:
    found = quantities("1. Pay $5.95 within 2 weeks, by 5 pm on May 3.")
    assert found["$"] == {(5.95, 5.95): "$5.95"}
    assert found["duration"] == {(14.0 * DAY, 14.0 * DAY): "2 weeks"}
    assert found["time"] == {(1020.0, 1020.0): "5 pm"}
    assert found["date"] == {(503.0, 503.0): "May 3"}
    assert quantities("Room 12. Then 7.") == {}


def test_the_same_said_shorter_is_the_same() -> None:
    assert same("Standard delivery takes 3 days.", "Delivery takes 3 days, express is faster.")
    assert not same("We sell pots.", "We repair bicycles.")


def test_a_figure_in_common_does_not_make_a_yes_of_a_no() -> None:
    free = "Delivery is **free on orders of $60 or more**. Below that it is $5.95."
    assert not same(free, "No, it always costs $5.95.")
    assert not same("We open at 9 am.", "The tour of the greenhouses begins behind the store at 9 am.")
