"""Letters over real SMTP: what arrives, what is refused before it leaves, the word on each misbehaviour (R8, R18)."""

import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from engine.addresses import address, words
from engine.ports import Mail, MailFailed
from engine.smtp import Smtp
from tests.doubles.smtp import Sink
from tests.servers.parts import program

pytestmark = pytest.mark.anyio

FROM = "chat@acme.example"
LETTER = Mail(
    "a" * 32, "ada@home.example", "Acme, Inc.", "Grüße 🌿", "Hello\n.\nbye", "<p>Hello</p>", "grace@acme.example"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and one of a client that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        [program("openssl", package="openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain],
        check=True, capture_output=True,
    )  # fmt: skip
    return _serving(key, chain), ssl.create_default_context(cafile=str(chain))


def _serving(key: Path, chain: Path) -> ssl.SSLContext:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)
    return serving


async def test_a_letter_arrives_whole_with_the_headers_that_keep_machines_from_answering_it() -> None:
    async with Sink() as sink:
        await Smtp(sink.url, FROM).send(LETTER)
        (taken,) = sink.letters
    message = taken.message
    assert (taken.sender, taken.recipients, taken.secure) == (FROM, ("ada@home.example",), False)
    assert message["from"].addresses[0].display_name == "Acme, Inc."
    assert message["from"].addresses[0].addr_spec == FROM
    assert [each.addr_spec for each in message["to"].addresses] == ["ada@home.example"]
    assert message["reply-to"].addresses[0].addr_spec == "grace@acme.example"
    assert message["subject"] == "Grüße 🌿"
    assert message["message-id"] == f"<{'a' * 32}@acme.example>"
    assert message["auto-submitted"] == "auto-generated"
    assert message["date"].datetime.tzinfo is not None
    assert taken.text.splitlines() == ["Hello", ".", "bye"]
    assert "<p>Hello</p>" in taken.html
    assert sink.commands[0] == "EHLO acme.example"  # and not the name of this machine
    assert sink.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    "to",
    [
        "ada@home.example, eve@evil.example",
        "ada@home.example,eve@evil.example",
        "ada@home.example;eve@evil.example",
        "ada@home.example\r\nBcc: eve@evil.example",
        "ada@home.example\nRCPT TO:<eve@evil.example>",
        "Ada <ada@home.example>",
        "ada@home.example> SIZE=1",
        "ada@home.example\u2028x",
        "\0ada@home.example",
        "ada",
        "",
        "a" * 300 + "@home.example",
    ],
)
async def test_r18_what_is_not_exactly_one_address_reaches_no_server(to: str) -> None:
    async with Sink() as sink:
        with pytest.raises(MailFailed, match="one e-mail address") as failed:
            await Smtp(sink.url, FROM).send(replace(LETTER, to=to))
        assert (failed.value.fate, sink.connections) == ("never", 0)


async def test_r18_line_breaks_in_a_name_a_subject_or_a_reply_address_make_no_header() -> None:
    nasty = "x\r\nBcc: eve@evil.example\u2028y\x0bz"
    async with Sink() as sink:
        await Smtp(sink.url, FROM).send(replace(LETTER, name=nasty, subject=nasty, reply_to=nasty))
        (taken,) = sink.letters
    assert taken.recipients == ("ada@home.example",)
    assert taken.message["bcc"] is None
    assert taken.message["reply-to"] is None
    assert taken.message["subject"] == words(nasty, 150) == "x Bcc: eve@evil.example y z"


def test_an_address_is_kept_in_the_form_that_travels() -> None:
    assert address("Ada.Lovelace+chat@HOME.example") == "Ada.Lovelace+chat@home.example"
    assert address("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert address("ädä@home.example") is None


@pytest.mark.parametrize(
    ("behave", "fate", "said"),
    [
        ("421:hello", "later", "refused us"),
        ("554:hello", "later", "refused us"),
        ("451:mail", "later", "refused our address"),
        ("550:mail", "later", "refused our address"),
        ("450:rcpt", "later", "refused this recipient (450 4.7.1)"),
        ("550:rcpt", "never", "refused this recipient (550 5.7.1)"),
        ("451:data", "later", "refused the letter"),
        ("554:data", "never", "refused the letter"),
        ("554:taken", "never", "refused the letter"),
        ("cut:hello", "later", "could not be reached"),
        ("cut:rcpt", "later", "fell silent"),
        ("hang:hello", "later", "fell silent"),
        ("hang:rcpt", "later", "fell silent"),
        ("cut:taken", "unknown", "may have arrived"),
        ("hang:taken", "unknown", "may have arrived"),
    ],
)
async def test_r8_each_misbehaviour_has_its_fate_and_a_plain_word_without_one_of_the_servers(
    behave: str, fate: str, said: str
) -> None:
    async with Sink(behave=behave) as sink:
        with pytest.raises(MailFailed) as failed:
            await Smtp(sink.url, FROM, seconds=0.7).send(LETTER)
    assert failed.value.fate == fate
    assert said in failed.value.reason
    assert "secret" not in failed.value.reason


async def test_a_slow_server_is_waited_for_and_one_that_is_not_there_is_told() -> None:
    async with Sink(behave="slow") as sink:
        await Smtp(sink.url, FROM).send(LETTER)
        assert len(sink.letters) == 1
    with pytest.raises(MailFailed, match="could not be reached") as failed:
        await Smtp(sink.url, FROM).send(LETTER)
    assert failed.value.fate == "later"


async def test_a_server_that_only_forgets_to_say_goodbye_has_taken_the_letter() -> None:
    async with Sink() as sink:
        sink.behave = "cut:taken"
        with pytest.raises(MailFailed):
            await Smtp(sink.url, FROM).send(LETTER)
        sink.behave = "ok"
        await Smtp(sink.url, FROM).send(LETTER)
        assert len({taken.message["message-id"] for taken in sink.letters}) == 1, "a mailbox can tell the repeat"


async def test_starttls_and_tls_carry_the_password_and_a_wrong_one_is_told(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    serving, trusting = certificate
    for implicit, scheme, query in ((True, "smtps", ""), (False, "smtp", "?tls=required")):
        async with Sink(tls=serving, implicit=implicit, password="open sesame") as sink:
            for password, right in (("open%20sesame", True), ("hunter2", False)):
                mailer = Smtp(f"{scheme}://ada:{password}@127.0.0.1:{sink.port}{query}", FROM, tls=trusting)
                if right:
                    await mailer.send(LETTER)
                    continue
                with pytest.raises(MailFailed, match=r"refuses our sign-in \(535 5.7.8\)") as failed:
                    await mailer.send(LETTER)
                assert failed.value.fate == "later"
            (taken,) = sink.letters
            assert (taken.secure, taken.user) == (True, "ada")


async def test_no_password_leaves_where_starttls_is_stripped_or_the_certificate_is_a_strangers(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    async with Sink(password="p") as stripped, Sink(tls=certificate[0], password="p") as strange:
        for sink in (stripped, strange):
            with pytest.raises(MailFailed) as failed:
                await Smtp(f"smtp://ada:p@127.0.0.1:{sink.port}?tls=required", FROM).send(LETTER)
            assert failed.value.fate == "later"
            assert not [line for line in sink.commands if line.startswith(("AUTH", "MAIL"))]


@pytest.mark.parametrize(
    ("url", "tls", "port"),
    [
        ("smtps://u:p@mx.example", "always", 465),
        ("smtp://u:p@mx.example", "required", 587),
        ("smtp://mx.example:25", "offered", 25),
        ("smtp://u:p@127.0.0.1", "never", 587),
        ("smtp://mx.example?tls=never", "never", 587),
    ],
)
def test_a_password_leaves_this_machine_only_encrypted_unless_it_is_said(url: str, tls: str, port: int) -> None:
    mailer = Smtp(url, FROM)
    assert (mailer.tls, mailer.port) == (tls, port)
