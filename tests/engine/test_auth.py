"""Visitor tokens bound to a domain (R11), and exact origins (R12)."""

from hypothesis import given
from hypothesis import strategies as st

from engine import auth

SECRET, DOMAIN, BOT = b"s" * 32, "d" * 32, "b" * 32


def test_a_token_names_its_visitor_on_its_domain_and_under_its_secret_alone() -> None:
    token = auth.issue(SECRET, DOMAIN)
    visitor = auth.visitor_of(SECRET, DOMAIN, token)
    assert visitor == token[:32]
    assert auth.visitor_of(SECRET, "e" * 32, token) is None
    assert auth.visitor_of(b"t" * 32, DOMAIN, token) is None


@given(st.text(), st.integers(0, 64))
def test_a_token_that_was_touched_names_nobody(noise: str, place: int) -> None:
    token = auth.issue(SECRET, DOMAIN)
    assert auth.visitor_of(SECRET, DOMAIN, noise) is None
    touched = token[:place] + noise + token[place:]
    assert (auth.visitor_of(SECRET, DOMAIN, touched) is None) is (touched != token)


def test_no_token_names_nobody() -> None:
    for token in (None, "", ".", "." * 65, "0" * 32 + "."):
        assert auth.visitor_of(SECRET, DOMAIN, token) is None


def test_a_visitor_has_one_room_with_a_bot_and_another_with_another() -> None:
    visitor = auth.issue(SECRET, DOMAIN)[:32]
    assert auth.room_of(SECRET, BOT, visitor) == auth.room_of(SECRET, BOT, visitor)
    rooms = {
        auth.room_of(SECRET, BOT, visitor),
        auth.room_of(SECRET, "c" * 32, visitor),
        auth.room_of(SECRET, BOT, "0" * 32),
        auth.room_of(b"t" * 32, BOT, visitor),
    }
    assert len(rooms) == 4
    assert all(len(room) == 32 for room in rooms)


def test_an_origin_is_allowed_when_it_is_exactly_a_registered_one() -> None:
    allowed = ["https://acme.example", "null"]
    assert auth.origin_allowed("https://acme.example", allowed)
    for origin in (None, "null", "", "https://acme.example:443", "http://acme.example", "https://acme.example/"):
        assert not auth.origin_allowed(origin, allowed)
