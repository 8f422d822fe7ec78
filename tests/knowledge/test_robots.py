"""robots.txt as the standard reads it (RFC 9309)."""

import time

import pytest

from knowledge.sites import robots

SITE = "https://shop.example"


def allows(text: str, path: str) -> bool:
    return robots.read(text.encode(), "Frontdesk").allows(SITE + path)


def test_a_group_of_our_own_name_is_for_us_and_else_that_for_everybody() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-Agent: other\nuser-agent: FRONTDESK/2.0\nDisallow: /cart # no\n"
    assert allows(text, "/help")
    assert not allows(text, "/cart/1")
    assert not robots.read(text.encode(), "Stranger").allows(SITE + "/help")


def test_groups_of_one_name_are_one() -> None:
    text = "User-agent: Frontdesk\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: frontdesk\nDisallow: /b"
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /*?sort=", "/list?sort=up", False),
        ("Disallow: /a*b*c", "/a-b-c-d", False),
        ("Disallow: /a*b*c", "/a-c-b", True),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: *", "/anything", False),
        ("Disallow:", "/anything", True),
        ("Disallow: /a.b", "/aXb", True),
        ("nonsense\n: \nDisallow /x\nSitemap: /s.xml", "/x", True),
        ("", "/", True),
    ],
)
def test_the_longest_rule_wins_and_stars_and_ends_mean_something(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


def test_lines_before_any_agent_and_bytes_that_are_no_text_do_nothing() -> None:
    assert allows("Disallow: /\n", "/a")
    assert robots.read(b"\xff\xfe\x00" * 1_000, "Frontdesk").allows(SITE)
    assert robots.read(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "Frontdesk").allows(SITE + "/a") is False


def test_a_delay_is_kept_within_ten_seconds() -> None:
    delays = ["2", "0.5", "86400", "-1", "soon", ""]
    read = [robots.read(f"User-agent: *\nCrawl-delay: {delay}\n".encode(), "Frontdesk").delay for delay in delays]
    assert read == [2.0, 0.5, robots.LONGEST_DELAY, 0.0, 0.0, 0.0]


def cost(text: bytes, path: str) -> float:
    """CPU seconds of reading ``text`` and of one look into it."""
    began = time.process_time()
    robots.read(text, "Frontdesk").allows(SITE + path)
    return time.process_time() - began


def test_a_hostile_rule_costs_what_plain_ones_of_its_size_do() -> None:
    head = b"User-agent: *\n"
    plain = cost(head + b"Disallow: /x\n" * 8_000, "/y")  # 100 kB, as long as the hostile one
    assert cost(head + b"Disallow: /" + b"*a" * 50_000 + b"b$\n" * 3, "/" + "a" * 2_000) < 100 * max(plain, 0.005)
    assert cost(head + b"Disallow: /x\n" * 40_000, "/y") < 100 * max(plain, 0.005)
