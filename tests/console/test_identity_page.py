"""The page about signed-in visitors: the secret, how a site signs with it, and who may write to a bot."""

import hashlib
import hmac
import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from console.identity.snippets import SNIPPETS
from engine import doors, identity
from engine.models import AuditEvent, Bot
from engine.protocol import Identity
from tests.console.conftest import Owner

pytestmark = pytest.mark.anyio


async def shown(owner: Owner) -> str:
    """The secret on the page."""
    page = (await owner.visit.get(owner.base + "/identity")).text
    found = re.search(r'id="secret">([0-9a-f]{64})<', page)
    assert found is not None
    return found[1]


async def door(owner: Owner) -> doors.Door:
    async with owner.site.db.read() as session:
        return await doors.door(session, owner.site.cast.acme.key)


async def test_a_site_that_runs_the_snippet_with_the_secret_shown_is_believed(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await shown(owner)
    monkeypatch.setenv("FRONTDESK_SECRET", secret)
    ada = SimpleNamespace(id=42, name="Ada", email="ada@home.example")
    python, bare = [
        next(each for each in SNIPPETS if each.language == name) for name in ("Python", "Without a library")
    ]
    scope: dict[str, Any] = {}
    exec(python.code + bare.code, scope)
    person = identity.vouched((secret,), Identity(token=scope["frontdesk_token"](ada)))
    assert person == identity.Person("42", "Ada", "ada@home.example", verified=True)
    assert identity.vouched((secret,), Identity(user_id="42", hash=scope["frontdesk_hash"](ada))).id == "42"


async def test_every_snippet_says_what_the_engine_asks_for(owner: Owner) -> None:
    page = (await owner.visit.get(owner.base + "/identity")).text
    for each in SNIPPETS[:4]:
        for word in ("FRONTDESK_SECRET", "frontdesk", "HS256"):
            assert word in each.code, f"{each.language}: {word}"
        assert each.language in page


async def test_a_new_secret_is_another_and_the_one_before_holds_until_it_is_ended(owner: Owner) -> None:
    first = await shown(owner)
    page = await owner.told(await owner.send("/identity/rotate", {}))
    assert "There is a new secret." in page
    second = await shown(owner)
    assert second != first
    assert ((await door(owner)).generation, (await door(owner)).before) == (2, True)
    page = await owner.told(await owner.send("/identity/end", {}))
    assert "holds no more" in page
    assert ((await door(owner)).generation, (await door(owner)).before) == (2, False)
    assert "End the one before" not in page
    async with owner.site.db.read() as session:
        actions = select(AuditEvent.action).where(AuditEvent.action.startswith("identity."))
        assert sorted((await session.scalars(actions)).all()) == ["identity.end", "identity.rotate"]


async def test_an_owner_lets_only_the_identified_write_and_everybody_again(owner: Owner) -> None:
    bot_id = owner.site.cast.acme.bot_id
    page = await owner.told(await owner.send("/identity", {"bot": bot_id, "identified": "on"}))
    assert "talks to only visitors whom your site vouches for" in page
    assert (await door(owner)).identified
    page = await owner.told(await owner.send("/identity", {"bot": bot_id}))
    assert "talks to every visitor" in page
    assert not (await door(owner)).identified


async def test_r10_another_workspaces_bot_and_domain_stay_as_they_are(owner: Owner) -> None:
    theirs = owner.site.cast.globex
    for bot_id in (theirs.bot_id, "0" * 32, "\0"):
        assert (await owner.send("/identity", {"bot": bot_id, "identified": "on"})).status_code == 404
    foreign = owner.base.replace(owner.site.cast.acme.domain_id, theirs.domain_id)
    assert (await owner.visit.get(foreign + "/identity")).status_code == 404
    async with owner.site.db.read() as session:
        assert not (await session.scalars(select(Bot.identified).where(Bot.id == theirs.bot_id))).one()


async def test_who_may_only_read_is_not_shown_the_secret_and_changes_nothing(owner: Owner) -> None:
    secret = await shown(owner)
    visit = owner.site.visit()
    await visit.sign_in("viewer@acme.example")
    page = (await visit.get(owner.base + "/identity")).text
    assert secret not in page
    assert "Every visitor may write." in page
    csrf = (await visit.fields("/auth/sign-out"))["csrf"]
    for path in ("/identity", "/identity/rotate", "/identity/end"):
        fields = {"csrf": csrf, "bot": owner.site.cast.acme.bot_id}
        assert (await visit.post(owner.base + path, fields)).status_code == 403
    assert await shown(owner) == secret


def test_the_secret_is_this_installations_and_this_domains_alone() -> None:
    made = {
        identity.secret_of(key, domain, generation) for key in (b"k", b"l") for domain in "ab" for generation in (1, 2)
    }
    assert len(made) == 8
    assert hmac.new(b"k", b"identity|a|1", hashlib.sha256).hexdigest() in made
