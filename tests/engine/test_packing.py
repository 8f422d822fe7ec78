"""What browsers download is packed once, off the loop, and not sent again to who has it."""

import asyncio
import gzip

import brotli
import httpx2
import pytest

from engine.packing import Packed, chosen
from tests.stage import Stage

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.000,gzip; q=0", ""),
        ("identity", ""),
        ("", ""),
        ("brotli-ish", ""),
    ],
)
def test_the_smallest_coding_is_chosen_that_the_browser_takes(accept: str, coding: str) -> None:
    assert chosen(accept) == coding


async def test_a_crowd_gets_the_same_bytes_and_the_least_used_are_let_go() -> None:
    packed = Packed(room=2)
    bodies = [bytes([letter]) * 40_000 for letter in b"abc"]
    for _ in range(2):  # the second time some have been let go, and are packed anew
        for body in bodies:
            found = await asyncio.gather(*(packed.body(body, str(body[:1]), "br") for _ in range(20)))
            assert {brotli.decompress(each) for each in found} == {body}
    assert gzip.decompress(await packed.body(bodies[0], "a", "gzip")) == bodies[0]
    assert await packed.body(bodies[0], "a", "") == bodies[0]


@pytest.mark.parametrize("path", ["/widget.js", "/widget/page.js", "part"])
async def test_a_browser_that_has_the_file_is_sent_nothing(stage: Stage, path: str) -> None:
    if path == "part":
        path = f"/v1/panel/{stage.streams.engine.widget.version()}/de/emoji.js"
    async with httpx2.AsyncClient(base_url=f"http://{stage.address}") as http:
        first = await http.get(path, headers={"Accept-Encoding": "br"})
        etag = first.headers["etag"]
        assert first.headers["content-encoding"] == "br"
        again = await http.get(path, headers={"Accept-Encoding": "br", "If-None-Match": f'"other", W/{etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["cache-control"] == first.headers["cache-control"]
        plain = await http.get(path, headers={"Accept-Encoding": "identity", "If-None-Match": etag})
        assert (plain.status_code, "content-encoding" in plain.headers) == (200, False)
        assert plain.headers["etag"] != etag
        assert plain.text == first.text
