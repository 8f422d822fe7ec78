"""Every page's headers (R12, R13), its errors, its files; the usage page's lines."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.billing.service import PAGE
from console.headers import BODY_LIMIT
from engine import ledger
from engine.db import Unreachable
from engine.ledger import Charge
from engine.models import Bot, User, Workspace
from tests.console.conftest import Site
from tests.console.visit import Visit

pytestmark = pytest.mark.anyio

SIGNED_IN = ["/app/acme/", "/app/acme/live", "/app/acme/usage", "/auth/sign-out", "/app/globex/", "/nothing"]
SIGNED_OUT = ["/auth/sign-in", "/auth/sign-in?next=/x", "/dashboard", "/app/acme/live", "/demo", "/nothing", "/"]


async def owner(site: Site) -> Visit:
    visit = site.visit()
    await visit.sign_in("owner@acme.example")
    return visit


@pytest.mark.parametrize("page", [*((path, True) for path in SIGNED_IN), *((path, False) for path in SIGNED_OUT)])
async def test_r12_r13_every_page_runs_only_our_files_and_nobody_frames_it(site: Site, page: tuple[str, bool]) -> None:
    path, signed_in = page
    visit = await owner(site) if signed_in else site.visit()
    answer = await visit.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in answer.headers
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=|javascript:", answer.text)


@pytest.mark.parametrize("more_settings", [{"PUBLIC_URL": "https://desk.example"}])
async def test_behind_https_browsers_are_told_to_stay_there(site: Site) -> None:
    answer = await site.visit().get("/auth/sign-in")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "wss://desk.example" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "code"), [("/api/v1/nothing", "not_found"), ("/v1/nothing", "not_found"), ("/healthz/x", "not_found")]
)
async def test_programs_read_errors_as_json(site: Site, path: str, code: str) -> None:
    answer = await site.visit().get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


async def test_the_wrong_method_is_a_page_too(site: Site) -> None:
    answer = await site.visit().client.put("/auth/sign-in")
    assert answer.status_code == 405
    assert "not for this kind of request" in answer.text


def _plant(site: Site, path: str, does: Callable[[Request], Awaitable[Response]]) -> None:
    site.app.router.routes.append(Route(path, does, methods=["GET", "POST"]))


async def _breaks(request: Request) -> Response:
    raise RuntimeError("the secret of the house")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", ["/planted", "/api/planted"])
async def test_a_fault_of_ours_is_a_sentence_and_never_a_trace(site: Site, path: str) -> None:
    _plant(site, path, _breaks)
    answer = await site.visit().get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "our fault" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_r19_a_database_that_is_gone_is_a_page_that_says_so(site: Site) -> None:
    async def gone(request: Request) -> Response:
        raise Unreachable("OperationalError")

    _plant(site, "/planted", gone)
    answer = await site.visit().get("/planted")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "does not answer right now" in answer.text


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "found while reading"])
async def test_r14_a_body_over_a_megabyte_is_refused(site: Site, declared: bool) -> None:
    visit = site.visit()
    fields = await visit.fields("/auth/sign-in")

    async def body(size: int) -> Any:
        yield f"csrf={fields['csrf']}&email=".encode()
        for _ in range(size // 10_000):
            yield b"a" * 10_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    large = b"a" * (BODY_LIMIT + 1) if declared else body(BODY_LIMIT + 10_000)
    refused = await visit.client.post("/auth/sign-in", content=large, headers=kind)
    assert refused.status_code == 413
    assert "1 MB" in refused.text
    assert refused.headers["x-frame-options"] == "DENY"
    fits = await visit.client.post("/auth/sign-in", content=body(50_000), headers=kind)
    assert fits.status_code == 401


async def test_files_may_be_kept_for_ever_under_their_builds_address(site: Site) -> None:
    visit = site.visit()
    page = (await visit.get("/auth/sign-in")).text
    (address,) = re.findall(r'href="(/static/\w+/console\.css)"', page)
    kept = await visit.get(address)
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    plain = await visit.get("/static/console.css")
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.content == kept.content
    again = await visit.get("/static/console.css", **{"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await visit.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"
    assert (await visit.get("/static/widget/transport.js")).headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["../app.py", "%2e%2e/app.py", "widget/assets.py", "0000/console.css", "", "live"])
async def test_nothing_but_the_files_is_served(site: Site, path: str) -> None:
    assert (await site.visit().get(f"/static/{path}")).status_code == 404


# Usage -----------------------------------------------------------------------------------------------------------


async def _answer(site: Site, number: int, credits: int, **detail: Any) -> None:
    workspace_id = site.cast.acme.workspace_id
    charge = Charge(workspace_id, f"answer:{number}", credits, "0" * 31 + str(number % 10), detail)
    async with site.db.write() as session:
        if credits:
            assert await ledger.hold(session, workspace_id, credits + 3, charge.reference)
            assert await ledger.settle(session, charge) == credits
        else:
            await ledger.note_free(session, [charge])


async def test_the_usage_page_tells_what_each_answer_cost_and_why(site: Site) -> None:
    await _answer(site, 1, 0, by="faq", entries=["gone"])
    await _answer(site, 2, 2, by="model", model="gpt-4.1-mini", prompt_tokens=1_812, completion_tokens=95, entries=[])
    await _answer(site, 3, 0, by="none")
    page = (await (await owner(site)).get("/app/acme/usage")).text
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert figures == {"Available": "98", "Held": "0", "Balance": "98", "Free answers, 30 days": "66 %"}
    for words in ("From the FAQ", "By the model", "gpt-4.1-mini", "1,812 in, 95 out", "−2", "+100", "No entry fitted"):
        assert words in page
    assert 'href="/app/acme/live?room=00000000000000000000000000000002"' in page
    assert "one credit per 4,000" in page


async def test_older_lines_are_one_click_away_and_none_is_shown_twice(site: Site) -> None:
    total = 2 * PAGE + 5
    for number in range(total):
        await _answer(site, number, 0, by="faq", entries=[])
    visit = await owner(site)
    path, rooms, pages = "/app/acme/usage", 0, 0
    while path:
        page = (await visit.get(path)).text
        rooms += page.count('aria-label="Room ')
        pages += 1
        path = "".join(re.findall(r'rel="next" href="([^"]+)"', page))
    assert (rooms, pages) == (total, 3)


@pytest.mark.parametrize("before", ["x", "1-", "-1", "9" * 40 + "-ab", "1-' OR 1=1", "%00-%00", "9999999999999999-f"])
async def test_a_place_that_is_none_is_the_newest(site: Site, before: str) -> None:
    await _answer(site, 1, 0, by="faq")
    answer = await (await owner(site)).get(f"/app/acme/usage?before={before}")
    assert answer.status_code == 200
    assert "From the FAQ" in answer.text


async def test_names_and_words_of_people_are_text_on_every_page(site: Site) -> None:
    planted = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    async with site.db.write() as session:
        await session.execute(update(Workspace).values(name=planted))
        await session.execute(update(User).values(name=planted))
        await session.execute(update(Bot).values(name=planted[:80]))
        await ledger.grant(session, site.cast.acme.workspace_id, 1, "x", note=planted)
    visit = await owner(site)
    for path in SIGNED_IN:
        page = (await visit.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page
