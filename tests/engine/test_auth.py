"""Visitor tokens and origins (R11, R12)."""

import pytest

from engine import auth
from engine.db import new_id

SECRET, OTHER = b"s" * 32, b"t" * 32
ACME, GLOBEX = new_id(), new_id()


def test_a_token_names_its_visitor_on_its_own_domain_alone() -> None:
    token = auth.issue(SECRET, ACME)
    assert auth.visitor_of(SECRET, ACME, token) == token.partition(".")[0]
    assert auth.visitor_of(SECRET, GLOBEX, token) is None
    assert auth.visitor_of(OTHER, ACME, token) is None


def test_tokens_are_fresh_and_hold_128_random_bits() -> None:
    tokens = {auth.issue(SECRET, ACME) for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(bytes.fromhex(token.partition(".")[0])) == 16 for token in tokens)


@pytest.mark.parametrize("broken", [None, "", ".", "a.b", "x" * 65, "é" * 32 + ".é", " "])
def test_what_is_no_token_names_nobody(broken: str | None) -> None:
    assert auth.visitor_of(SECRET, ACME, broken) is None


def test_a_token_with_any_character_changed_names_nobody() -> None:
    token = auth.issue(SECRET, ACME)
    for at in range(len(token)):
        changed = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1 :]
        assert auth.visitor_of(SECRET, ACME, changed) is None
    assert auth.visitor_of(SECRET, ACME, token[:-1]) is None
    assert auth.visitor_of(SECRET, ACME, token + "0") is None


def test_two_tabs_of_a_visitor_mean_the_same_room_and_two_bots_two_rooms() -> None:
    visitor, bot, another = new_id(), new_id(), new_id()
    assert auth.room_of(SECRET, bot, visitor) == auth.room_of(SECRET, bot, visitor)
    rooms = {
        auth.room_of(SECRET, bot, visitor),
        auth.room_of(SECRET, another, visitor),
        auth.room_of(SECRET, bot, another),
    }
    assert len(rooms) == 3


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://sub.shop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE.",
        "https://shop.example, https://evil.example",
    ],
)
def test_only_the_exact_origin_is_allowed(origin: str | None) -> None:
    allowed = {"https://shop.example"}
    assert auth.origin_allowed("https://shop.example", allowed)
    assert not auth.origin_allowed(origin, allowed)


def test_the_cookie_is_for_no_script_and_behind_tls_partitioned() -> None:
    secure = auth.cookie("frontdesk_d", "token", secure=True)
    assert secure.startswith("frontdesk_d=token; ")
    for word in ("HttpOnly", "Path=/v1", "Secure", "SameSite=None", "Partitioned"):
        assert word in secure
    plain = auth.cookie("frontdesk_d", "token", secure=False)
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
