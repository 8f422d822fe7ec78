"""R17: the one outbound fetcher, against a real server that may misbehave."""

import asyncio
import gzip
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from engine.fetch import LARGEST, LARGEST_HEAD, Fetcher, Refused, parsed
from tests.doubles.site import Page, Site, moved, site
from tests.servers.parts import program

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop() -> AsyncIterator[Site]:
    async with site() as here:
        yield here


async def code_of(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(Refused) as refused:
        await fetcher.get(url)
    assert refused.value.sentence.endswith(".")
    return refused.value.code


async def test_a_page_comes_with_its_address_type_and_charset(shop: Site) -> None:
    shop.pages["/a?b=%C3%BC"] = Page(
        "Grüße".encode("latin-1"), 203, 'Text/HTML; charset="ISO-8859-1"', [("X-Robots-Tag", "NoIndex")]
    )
    got = await shop.fetcher().get(shop.url("/a?b=ü#part"))
    assert (got.url, got.status, got.media_type) == (shop.url("/a?b=%C3%BC"), 203, "text/html")
    assert (got.charset, got.robots, got.body.decode(got.charset)) == ("iso-8859-1", "noindex", "Grüße")


async def test_r17_nothing_of_ours_goes_along(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", "/nowhere")
    shop.pages["/"] = Page("hello", headers=[("set-cookie", "a=b")])
    for _ in range(2):
        await shop.fetcher().get(shop.url())
    names = {line.partition(":")[0].lower() for line in shop.heads[-1].splitlines()[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert f"host: shop.test:{shop.port}" in shop.heads[-1].lower()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "address"), ("shop.test", "address"), ("//shop.test/", "address"), ("ftp://shop.test/", "address"),
        ("file:///etc/passwd", "address"), ("javascript:alert(1)", "address"), ("http:///path", "address"),
        ("gopher://shop.test:70/_x", "address"), ("http://shop.test:0/", "address"), ("http://[::1", "address"),
        ("http://shop.test:99999/", "address"), ("http://shop.test\\@127.0.0.1/", "address"),
        ("http://a b/", "address"), ("http://a\r\nHost: b/", "address"), ("http://%31%32%37.0.0.1/", "address"),
        ("http://[fe80::1%25eth0]/", "address"), ("http://shop.test/" + "a" * 2_048, "address"),
        ("http://" + "ü" * 300 + ".test/", "address"),
        ("http://user@shop.test/", "credentials"), ("https://user:pass@shop.test/", "credentials"),
        ("http://:@shop.test/", "credentials"),
        ("http://shop.test:22/", "port"), ("http://shop.test:6379/", "port"), ("https://shop.test:8443/", "port"),
        ("http://127.0.0.1/", "inside"), ("http://127.1/", "inside"), ("http://2130706433/", "inside"),
        ("http://0x7f.1/", "inside"), ("http://0177.0.0.1/", "inside"), ("http://0x7f000001/", "inside"),
        ("http://①②⑦.⓪.⓪.①/", "inside"), ("http://127。0。0。1/", "inside"), ("http://１２７.0.0.1/", "inside"),
        ("http://[::1]/", "inside"), ("http://[::ffff:7f00:1]/", "inside"), ("http://[::]/", "inside"),
        ("http://0/", "inside"), ("http://localhost/", "inside"), ("https://LOCALHOST./", "inside"),
        ("http://10.0.0.7/", "inside"), ("http://192.168.0.1/", "inside"), ("http://172.20.0.1/", "inside"),
        ("http://169.254.169.254/latest/meta-data/", "inside"), ("http://2852039166/", "inside"),
        ("http://[64:ff9b::a9fe:a9fe]/", "inside"), ("http://[2002:7f00:1::]/", "inside"),
        ("http://100.64.0.1/", "inside"), ("http://192.0.0.192/", "inside"), ("http://[fd00:ec2::254]/", "inside"),
    ],
)  # fmt: skip
async def test_r17_an_address_that_is_none_or_leads_inside_is_refused(url: str, code: str) -> None:
    assert await code_of(Fetcher(), url) == code  # by the machine's own resolver, as it reads odd spellings


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("HTTP://Shop.TEST:80/A?b=C#d", "http://shop.test/A?b=C"),
        ("https://shop.test:443", "https://shop.test/"),
        ("https://bücher.test/ä b".replace(" ", "%20"), "https://xn--bcher-kva.test/%C3%A4%20b"),
        ("http://straße.test/", "http://xn--strae-oqa.test/"),
        ("http://[2606:4700::1111]:443/", "http://[2606:4700::1111]:443/"),
    ],
)
def test_an_address_has_one_spelling(url: str, kept: str) -> None:
    assert parsed(url).geturl() == kept


async def test_r17_a_name_with_one_address_inside_is_refused_whatever_the_others_are() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", "10.0.0.1"]

    async def nobody(host: str, port: int) -> Sequence[str]:
        raise OSError

    assert await code_of(Fetcher(resolve=both), "http://shop.test/") == "inside"
    assert await code_of(Fetcher(resolve=nobody), "http://shop.test/") == "unresolved"


async def test_r17_a_name_is_asked_once_and_the_checked_address_is_the_one_reached(shop: Site) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    shop.pages |= {"/": Page("hello"), "/on": moved("/")}
    fetcher = Fetcher(resolve=rebinding, allowed={("127.0.0.1", shop.port)})
    assert (await fetcher.get(shop.url("/"))).body == b"hello"
    assert asked == ["shop.test"]
    asked.clear()
    assert await code_of(fetcher, shop.url("/on")) == "inside", "the second look says otherwise and is checked again"
    assert (len(asked), shop.asked) == (2, ["/", "/on"])


async def test_r17_an_allowance_is_for_one_address_and_port_only(shop: Site) -> None:
    shop.pages["/"] = Page("hello")
    assert (await shop.fetcher().get(shop.url())).status == 200
    async with site() as other:
        assert await code_of(shop.fetcher(), other.url()) == "port"
    assert await code_of(Fetcher(allowed={("127.0.0.9", shop.port)}), shop.url(host="127.0.0.1")) == "inside"


async def test_r17_a_redirect_is_followed_three_times_and_checked_each_time(shop: Site) -> None:
    shop.pages |= {f"/{n}": moved(f"{n + 1}", status) for n, status in enumerate([301, 302, 303, 307])}
    shop.pages |= {"/4": Page("there"), "/round": moved("/round")}
    assert (await shop.fetcher().get(shop.url("/1"))).body == b"there"
    assert await code_of(shop.fetcher(), shop.url("/0")) == "redirects"
    assert await code_of(shop.fetcher(), shop.url("/round")) == "redirects"
    for to, code in (
        ("http://10.0.0.1:{}/", "port"),
        ("http://169.254.169.254/latest/", "inside"),
        ("file:///etc/passwd", "address"),
        ("http://user:pass@shop.test/", "credentials"),
        ("http://shop.test:22/", "port"),
        ("http://[::1", "address"),
    ):
        shop.pages["/away"] = moved(to.format(shop.port + 1))
        other = Fetcher(
            resolve=lambda host, port: _resolved({"169.254.169.254": host}.get(host, "127.0.0.1")),
            allowed={("127.0.0.1", shop.port)},
        )
        assert await code_of(other, shop.url("/away")) == code, to


async def _resolved(address: str) -> Sequence[str]:
    return [address]


@pytest.mark.parametrize(
    ("steps", "for_good"),
    [([], True), ([301], True), ([301, 308], True), ([302], False), ([301, 303], False), ([307, 301], False)],
)
async def test_a_page_has_moved_for_good_when_every_step_says_so(shop: Site, steps: list[int], for_good: bool) -> None:
    shop.pages |= {f"/{n}": moved(f"{n + 1}", status) for n, status in enumerate(steps)}
    shop.pages[f"/{len(steps)}"] = Page("there")
    fetched = await shop.fetcher().get(shop.url("/0"))
    assert (fetched.body, fetched.for_good) == (b"there", for_good)


async def test_a_redirect_without_a_place_is_an_answer_like_another(shop: Site) -> None:
    shop.pages["/"] = Page("no place", 302)
    assert (await shop.fetcher().get(shop.url())).status == 302


@pytest.mark.parametrize(("size", "ok"), [(LARGEST, True), (LARGEST + 1, False)])
async def test_r17_two_megabytes_are_the_most(shop: Site, size: int, ok: bool) -> None:
    body = b"a" * size

    async def undeclared(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        await writer.drain()

    shop.pages |= {"/declared": Page(body), "/undeclared": undeclared}
    shop.pages["/packed"] = Page(gzip.compress(body), headers=[("content-encoding", "gzip")])
    for path in ("/declared", "/undeclared", "/packed"):
        if ok:
            assert len((await shop.fetcher().get(shop.url(path))).body) == size
        else:
            assert await code_of(shop.fetcher(), shop.url(path)) == "too_large"


async def test_r17_a_bomb_and_an_endless_body_are_refused_soon(shop: Site) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"a" * 4096 + b"\r\n")
            await writer.drain()

    shop.pages["/bomb"] = Page(gzip.compress(bytes(300_000_000), 9), headers=[("content-encoding", "gzip")])
    shop.pages["/endless"] = endless
    began = time.monotonic()
    assert await code_of(shop.fetcher(), shop.url("/bomb")) == "too_large"
    assert await code_of(shop.fetcher(), shop.url("/endless")) == "too_large"
    assert time.monotonic() - began < 5


async def test_r17_a_slow_drip_ends_by_the_wall_clock(shop: Site) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    shop.pages |= {"/drip": drip, "/silent": silent}
    fetcher = shop.fetcher(seconds=0.4)
    began = time.monotonic()
    for path in shop.pages:
        assert await code_of(fetcher, shop.url(path)) == "timeout"
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "head",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x00\xff" * 100,
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip, br\r\ncontent-length: 4\r\n\r\nabcd",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * LARGEST_HEAD + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: a\r\n" * LARGEST_HEAD,
        b"",
    ],
)
async def test_what_is_no_http_is_refused_without_a_word_of_it(shop: Site, head: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()

    shop.pages["/"] = answer
    with pytest.raises(Refused) as refused:
        await shop.fetcher(seconds=5).get(shop.url())
    assert refused.value.code == "garbage"
    assert "SSH" not in refused.value.sentence


async def test_endless_headers_end(shop: Site) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x-more: and more\r\n" * 100)
            await writer.drain()

    shop.pages["/"] = answer
    assert await code_of(shop.fetcher(), shop.url()) == "garbage"


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async with site() as gone:
        fetcher = gone.fetcher()
    assert await code_of(fetcher, gone.url()) == "unreachable"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for shop.test that nobody else vouches for, and its key."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [program("openssl", package="openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=shop.test", "-addext", "subjectAltName=DNS:shop.test", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


async def test_tls_is_for_the_name_that_was_asked_for(pair: tuple[Path, Path]) -> None:
    certificate, key = pair
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    names: list[str | None] = []
    serving.sni_callback = lambda _, name, __: names.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with site(tls=serving) as shop:
        shop.pages["/"] = Page("safe")
        assert (await shop.fetcher(tls=trusting).get(shop.url(scheme="https"))).body == b"safe"
        assert await code_of(shop.fetcher(tls=trusting), shop.url(scheme="https", host="other.test")) == "tls"
        assert await code_of(shop.fetcher(), shop.url(scheme="https")) == "tls", "the machine knows no such authority"
        assert names == ["shop.test", "other.test", "shop.test"]
    async with site() as plain:
        assert await code_of(plain.fetcher(tls=trusting), plain.url(scheme="https")) in {"tls", "unreachable"}
