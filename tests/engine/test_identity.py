"""Whom a site vouches for: proved with the domain's secret alone, one person on all devices, nothing to others."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select, update

from engine import identity
from engine.models import Bot, Domain, Message, Room
from tests.cast import Company
from tests.stage import Stage
from tests.wire import Client, Frame

pytestmark = pytest.mark.anyio


def secret(stage: Stage, company: Company | None = None, generation: int = 1) -> str:
    company = company or stage.cast.acme
    return identity.secret_of(stage.engine.settings.secret, company.domain_id, generation)


def signed(key: str, **claims: Any) -> str:
    told = {"sub": "42", "aud": "frontdesk", "exp": int(time.time()) + 600} | claims
    return jwt.encode({name: value for name, value in told.items() if value is not None}, key, algorithm="HS256")


def hashed(key: str, user_id: str) -> str:
    return hmac.new(key.encode(), user_id.encode(), hashlib.sha256).hexdigest()


async def refused(ada: Client, told: dict[str, Any]) -> str:
    """Join with an identity that proves nothing: one is a stranger then, and the developer is told why."""
    await ada.say("room.join", after=0, ref="join", identity=told)
    why = await ada.until("error")
    joined = await ada.until("room.joined")
    assert (why["code"], joined["identified"], joined["state"]["person"]) == ("bad_identity", False, None)
    return str(why["message"])


async def test_a_signed_person_has_one_room_on_every_device_and_agents_see_who_it_is(stage: Stage) -> None:
    token = signed(secret(stage), name="Ada Lovelace", email="ada@home.example")
    async with stage.visitor() as phone, stage.visitor() as laptop:
        first = await phone.join(identity={"token": token})
        assert first["identified"]
        await phone.send("sure")
        await phone.until("answer.finished")
        other = await laptop.join(identity={"token": signed(secret(stage))})
        assert (other["room"], other["messages"][0]["text"]) == (first["room"], "sure")
        async with stage.agent() as grace:
            await grace.ask("desk.join", after=0)
            seen = await grace.ask("room.watch", room=first["room"], after=0)
        assert seen["state"]["person"] == {
            "id": "42", "name": "Ada Lovelace", "email": "ada@home.example", "verified": True
        }  # fmt: skip


async def test_what_is_signed_stays_before_what_is_not_and_less_the_next_time_takes_nothing_back(stage: Stage) -> None:
    async def known(**told: Any) -> tuple[str, bool]:
        async with stage.visitor() as ada:
            person = (await ada.join(identity=told))["state"]["person"]
            return person["name"], person["verified"]

    told = {"user_id": "42", "hash": hashed(secret(stage), "42")}
    async with stage.visitor() as ada:
        await ada.join(identity=told | {"name": "Ada"})
        await ada.send("sure")
    assert await known(**told) == ("Ada", False)
    assert await known(token=signed(secret(stage))) == ("", True)  # who it is by the site, not by the page
    assert await known(token=signed(secret(stage), name="Ada Byron")) == ("Ada Byron", True)
    assert await known(**told, name="Eve") == ("Ada Byron", True)
    assert await known(token=signed(secret(stage), name="Ada Lovelace")) == ("Ada Lovelace", True)


async def test_a_hash_proves_the_id_alone_and_what_the_page_says_besides_is_unverified(stage: Stage) -> None:
    told = {"user_id": "42", "hash": hashed(secret(stage), "42").upper(), "name": "Ada", "email": "ada@home.example"}
    async with stage.visitor() as ada:
        first = await ada.join(identity=told)
        await ada.send("sure")
        again = await ada.join(identity=told | {"name": "Ada Byron"})
        assert again["state"]["person"] == {
            "id": "42", "name": "Ada Byron", "email": "ada@home.example", "verified": False
        }  # fmt: skip
    async with stage.visitor() as other:
        assert (await other.join(identity={"token": signed(secret(stage))}))["room"] == first["room"]


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "42", "aud": "frontdesk", "exp": int(time.time()) + 600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no exp claim"),
        ({"sub": None}, "no sub claim"),
        ({"sub": ""}, "empty"),
        ({"sub": "x" * 201}, "at most 200"),
        ({"aud": None}, "no aud claim"),
        ({"aud": "another"}, "aud"),
        ({"exp": int(time.time()) + 90_000}, "24 hours"),
        ({"name": ["Ada"]}, "name must be a text"),
        ({"exp": str(int(time.time()) + 600)}, "exp must be a number"),
        ({"sub": 42}, "sub must be a text"),
        ({"nbf": int(time.time()) + 900}, "no JWT that can be read"),
    ],
)
async def test_r11_a_token_that_does_not_hold_makes_nobody_known(
    stage: Stage, claims: dict[str, Any], said: str
) -> None:
    async with stage.visitor() as mallory:
        assert said in await refused(mallory, {"token": signed(secret(stage), **claims)})


async def test_r11_nobody_is_known_by_a_forged_a_foreign_or_an_unsigned_word(stage: Stage) -> None:
    theirs = secret(stage, stage.cast.globex)
    async with stage.visitor() as ada:
        own = (await ada.join(identity={"token": signed(secret(stage))}))["room"]
    forged: list[dict[str, Any]] = [
        {"token": signed("f" * 64)},
        {"token": signed(theirs)},
        {"token": unsigned()},
        {"token": jwt.encode({"sub": "42", "aud": "frontdesk", "exp": 2**31}, secret(stage), algorithm="HS512")},
        {"token": "a.b.c"},
        {"token": ""},
        {"user_id": "42", "hash": hashed(theirs, "42")},
        {"user_id": "43", "hash": hashed(secret(stage), "42")},
        {"user_id": "42"},
        {"user_id": "42", "hash": "é" * 64},
        {},
    ]
    for told in forged:
        async with stage.visitor() as mallory:
            await refused(mallory, told)
            assert mallory.heard[-1]["room"] != own


async def test_r11_a_session_goes_on_after_the_token_expired_and_is_worth_nothing_elsewhere(stage: Stage) -> None:
    async with stage.visitor() as ada:
        joined = await ada.join(identity={"token": signed(secret(stage))})
        session = joined["token"]
    async with stage.visitor() as again:
        back = await again.join(token=session, identity={"token": signed(secret(stage), exp=1)})
        assert (back["room"], back["identified"]) == (joined["room"], True)
    head, stamp, signature = session.split(".")
    for bad in (f"{head}.{int(stamp) + 1:012d}.{signature}", f"{head}.{signature}", f"{'0' * 32}.{stamp}.{signature}"):
        async with stage.visitor() as mallory:
            assert (await mallory.join(token=bad))["code"] == "bad_token"
    async with stage.visitor(stage.cast.globex) as mallory:
        assert (await mallory.join(token=session))["code"] == "bad_token"


async def test_another_person_on_the_same_device_sees_and_hears_nothing_of_the_one_before(stage: Stage) -> None:
    async with stage.visitor() as tab, stage.visitor() as ada:
        mine: Frame = await ada.join(identity={"token": signed(secret(stage))})
        await tab.join(identity={"token": signed(secret(stage))})
        await ada.send("sure")
        await tab.until("answer.finished")
        other = await tab.join(identity={"token": signed(secret(stage), sub="43")})
        assert (other["room"] == mine["room"], other["messages"]) == (False, [])
        await ada.send("sure")
        await ada.until("answer.finished")
        await tab.send("unsure")
        heard = await tab.until("answer.finished")
        assert {frame["room"] for frame in tab.heard[tab.heard.index(other) :] if "room" in frame} == {other["room"]}
        assert heard["room"] == other["room"]


async def test_after_a_rotation_the_secret_before_holds_until_its_owner_ends_it(stage: Stage) -> None:
    domain = update(Domain).where(Domain.id == stage.cast.acme.domain_id)
    async with stage.db.write() as session:
        await session.execute(domain.values(identity=2, identity_before=True))
    for generation in (1, 2):
        async with stage.visitor() as ada:
            joined = await ada.join(identity={"token": signed(secret(stage, generation=generation))})
            assert joined["identified"]
    async with stage.db.write() as session:
        await session.execute(domain.values(identity_before=False))
    async with stage.visitor() as ada:
        assert "not signed" in await refused(ada, {"token": signed(secret(stage))})


async def test_where_only_the_identified_may_write_nothing_of_anybody_else_is_taken(stage: Stage) -> None:
    async with stage.db.write() as session:
        await session.execute(update(Bot).where(Bot.id == stage.cast.acme.bot_id).values(identified=True))
    async with stage.visitor() as stranger:
        await stranger.join()
        refusal = await stranger.send("sure", client_id="early")
        assert (refusal["code"], refusal["client_id"]) == ("identify_first", "early")
        assert refusal["message"] == "Please sign in to this site to chat."
        for command in ("person.request", "room.restart"):
            assert (await stranger.ask(command))["code"] == "identify_first"
    async with stage.db.read() as session:
        for table in (Message, Room):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0
    async with stage.visitor() as ada:
        await ada.join(identity={"token": signed(secret(stage))})
        assert (await ada.send("sure"))["type"] == "ok"


async def test_what_the_page_says_of_its_visitor_is_kept_for_the_agents_and_never_more_than_it_may(
    stage: Stage,
) -> None:
    many: dict[str, Any] = {f"fact{n}": "x" * 500 for n in range(30)}
    async with stage.visitor() as ada, stage.agent() as grace:
        first = await ada.join(context={"plan": "Pro", "cart": 3, "none": None, "deep": {"a": 1}, "list": [1]})
        await ada.send("sure")
        await grace.ask("desk.join", after=0)
        seen = await grace.ask("room.watch", room=first["room"], after=0)
        assert seen["state"]["context"] == {"plan": "Pro", "cart": "3"}
        await ada.join(context=many)
        told = await grace.until("room.identified")
        assert len(told["state"]["context"]) == identity.CONTEXT
        assert {len(value) for value in told["state"]["context"].values()} == {identity.VALUE}
        for odd in ("text", 7, ["a"], {"\0": "\0"}):
            assert (await ada.join(context=odd))["type"] == "room.joined"
        assert (await ada.join(identity={"user_id": "x"}))["state"]["context"] != many, "and a join without keeps it"
