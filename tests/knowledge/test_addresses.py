"""One page has one address."""

import pytest

from knowledge.sites.addresses import normal, onward


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://Shop.Example", "https://shop.example/"),
        ("https://shop.example:443/a#b", "https://shop.example/a"),
        ("http://shop.example:80/", "http://shop.example/"),
        ("http://shop.example:8080/", "http://shop.example:8080/"),
        ("https://shop.example/a?utm_source=x&b=2&fbclid=9&a=1&PHPSESSID=7", "https://shop.example/a?a=1&b=2"),
        ("https://shop.example/a;jsessionid=AF0?x", "https://shop.example/a?x"),
        ("https://shop.example/a?page&empty=", "https://shop.example/a?empty=&page"),
        ("https://shop.example/%7euser/%e4%bd", "https://shop.example/~user/%E4%BD"),
        ("https://shop.example/größe", "https://shop.example/gr%C3%B6%C3%9Fe"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://shop.example/a/./b/../c/", "https://shop.example/a/c/"),
        ("https://shop.example/../../etc", "https://shop.example/etc"),
        ("https://shop.example/a/..", "https://shop.example/"),
        ("https://shop.example/ref?ref=7&sid=3", "https://shop.example/ref?ref=7&sid=3"),
    ],
)
def test_an_address_is_written_one_way(written: str, kept: str) -> None:
    assert normal(written) == kept
    assert normal(kept) == kept


@pytest.mark.parametrize(
    "written",
    ["", "mailto:a@shop.example", "javascript:alert(1)", "https://u:p@shop.example/", "https://[", "ftp://a/"],
)
def test_what_no_page_can_come_from_is_none(written: str) -> None:
    assert normal(written) is None


def test_a_crawl_stays_on_its_host_and_reads_neither_pictures_nor_traps() -> None:
    links = [
        "https://shop.example/b#top", "https://shop.example/a", "https://shop.example/b?utm_medium=mail",
        "https://www.shop.example/a", "https://shop.example.evil.example/", "http://shop.example:8000/",
        "https://shop.example/logo.PNG", "https://shop.example/guide.pdf", "https://shop.example/x/x/x/x/",
        "https://shop.example/a/x/x/x", "mailto:shop@shop.example",
    ]  # fmt: skip
    assert onward("shop.example", links) == [
        "https://shop.example/b",
        "https://shop.example/a",
        "https://shop.example/guide.pdf",
        "https://shop.example/a/x/x/x",
    ]
