"""The page of gaps and that of entries that disagree, as an owner works through them without JavaScript; every step is
taken back by the button that the page offers."""

import re

import pytest
from sqlalchemy import select

from knowledge.models import Entry, Gap
from tests.console.conftest import Owner
from tests.console.filing import add, gap

pytestmark = pytest.mark.anyio
RENT = ("Do you rent plants?", "do you rent out plants", "Do you rent plants for events?")


async def statuses(owner: Owner) -> list[str]:
    async with owner.site.db.read() as session:
        return sorted(await session.scalars(select(Gap.status)))


async def alternatives(owner: Owner, entry_id: str) -> list[str]:
    async with owner.site.db.read() as session:
        return (await session.get_one(Entry, entry_id)).alternatives


async def test_questions_that_ask_the_same_stand_together_with_their_count_and_examples(owner: Owner) -> None:
    for text in (*RENT, RENT[0]):
        await gap(owner, text)
    await gap(owner, "Is there a <b>student discount?", reason="rated")
    await gap(owner, "Hello there!")
    page = await owner.see("/gaps")
    assert "6 open questions in 2 groups" in page
    assert page.index("Do you rent plants?") < page.index("student discount?")
    assert re.search(r"<strong>4</strong>\s*times", page)
    assert "4 visitors" in page
    assert "do you rent out plants" in page
    assert "1 called the answer unhelpful" in page
    assert "&lt;b&gt;student" in page
    assert "1 that asks nothing" in page
    assert page.count("/live?room=") >= 4


async def test_a_group_becomes_a_draft_with_what_an_agent_said_and_undo_opens_it_again(owner: Owner) -> None:
    ids = [await gap(owner, text) for text in RENT[:2]]
    ids.append(await gap(owner, RENT[2], reply="Hi Ada! we rent plants by the day. Anything else?"))
    joined = ",".join(ids)
    assert "An agent answered" in await owner.see("/gaps")
    form = await owner.send("/entries/from-gaps", {"gaps": joined})
    assert form.status_code == 200
    assert "From 3 questions that visitors asked" in form.text
    assert "We rent plants by the day." in form.text
    assert await statuses(owner) == ["open"] * 3
    sent = {"question": RENT[0], "answer": "By the day.", "active": "on", "alternatives": RENT[1], "gaps": joined}
    page = await owner.told(await owner.send("/entries/new", sent))
    assert "is answered from now on" in page
    assert "No open gaps" in page
    assert await statuses(owner) == ["answered"] * 3
    page = await owner.undone(page)
    assert "3 questions are open again" in page
    async with owner.site.db.read() as session:
        assert (await session.scalars(select(Entry.id))).all() == []


async def test_a_group_is_merged_into_the_nearest_entry_or_any_other_and_undo_takes_its_words_back(
    owner: Owner,
) -> None:
    near, far = await add(owner, "Do you rent out pots?"), await add(owner, "How do I reach the shop?", "By tram.")
    await add(owner, "Do you sell pots?")
    first = await gap(owner, "Can we rent some big pots for a party?")
    page = await owner.see("/gaps")
    assert "Add to the nearest entry" in page
    assert f'name="entry" value="{near}"' in page
    page = await owner.told(await owner.send("/gaps", {"gaps": first, "step": "merge", "entry": near}))
    assert "1 question is closed; the entry got 1 new phrasing" in page
    assert await alternatives(owner, near) == ["Can we rent some big pots for a party?"]
    assert "open again" in await owner.undone(page)
    assert (await alternatives(owner, near), await statuses(owner)) == ([], ["open"])
    chosen = await owner.send("/gaps/choose", {"gaps": first})
    assert "The nearest entries" in chosen.text
    assert "Do you rent out pots?" in chosen.text
    found = await owner.send("/gaps/choose", {"gaps": first, "search": "tram"})
    assert "How do I reach the shop?" in found.text
    assert "Do you rent out pots?" not in found.text
    assert "Nothing found" in (await owner.send("/gaps/choose", {"gaps": first, "search": "unicorn"})).text
    await owner.told(await owner.send("/gaps", {"gaps": first, "step": "merge", "entry": far}))
    assert await alternatives(owner, far) == ["Can we rent some big pots for a party?"]
    late = await owner.told(await owner.send("/gaps/choose", {"gaps": first}))
    assert "closed these questions before you" in late


async def test_what_is_answered_by_now_is_closed_and_what_needs_no_answer_set_aside(owner: Owner) -> None:
    first, second = await gap(owner, "Do you rent plants?"), await gap(owner, "Do you sell unicorns?")
    entry_id = await add(owner, "Do you rent plants?", "By the day.")
    page = await owner.see("/gaps")
    assert "Probably answered now" in page
    answered = await owner.told(await owner.send("/gaps", {"gaps": first, "step": "answered", "entry": entry_id}))
    assert "1 question is closed." in answered
    aside = await owner.told(await owner.send("/gaps", {"gaps": second, "step": "dismiss"}))
    assert "1 question is set aside." in aside
    assert await statuses(owner) == ["answered", "dismissed"]
    assert "1 question is open again" in await owner.undone(aside)
    assert "1 question is open again" in await owner.undone(answered)
    assert await statuses(owner) == ["open", "open"]


async def test_an_answer_called_unhelpful_is_not_called_an_answer_until_somebody_bettered_it(owner: Owner) -> None:
    entry_id = await add(owner, "Do you rent plants?", "Perhaps.")
    await gap(owner, "Do you rent plants?", reason="rated", entry_id=entry_id)
    page = await owner.see("/gaps")
    assert "The answer came from" in page
    assert "Probably answered now" not in page
    version = owner.hidden(await owner.see(f"/entries/{entry_id}"), "version")
    better = {"question": "Do you rent plants?", "answer": "By the day.", "active": "on", "version": version}
    await owner.told(await owner.send(f"/entries/{entry_id}", better))
    assert "Probably answered now" in await owner.see("/gaps")


async def test_a_step_that_is_none_of_ours_closes_nothing_and_a_foreign_entry_is_not_found(owner: Owner) -> None:
    first = await gap(owner, "Do you rent plants?")
    assert "Choose what to do" in await owner.told(await owner.send("/gaps", {"gaps": first, "step": "burn"}))
    foreign = await owner.send("/gaps", {"gaps": first, "step": "merge", "entry": "f" * 32})
    assert foreign.status_code == 404
    assert await statuses(owner) == ["open"]


async def test_entries_that_answer_one_question_differently_are_shown_with_the_difference(owner: Owner) -> None:
    await add(owner, "How long can I return it?", "You have **14 days**.", alternatives="return period")
    await add(owner, "What is the return period?", "You have 30 days.")
    await add(owner, "Do you have vouchers?", "Yes.")
    page = await owner.see("/gaps/disagreeing")
    assert "Different figures" in page
    assert "<q>14 days</q>" in page
    assert "<q>30 days</q>" in page
    assert "vouchers" not in page
    assert "Entries that disagree (1)" in await owner.see("/gaps")


async def test_keeping_one_merges_the_two_and_undo_parts_them_again(owner: Owner) -> None:
    first = await add(owner, "How long can I return it?", "You have 14 days.", alternatives="return period")
    second = await add(owner, "What is the return period?", "You have 30 days.")
    one, other = sorted((first, second))
    keep = "first" if one == second else "second"
    sent = {"first": one, "second": other, "step": keep}
    page = await owner.told(await owner.send("/gaps/disagreeing", sent))
    assert "One entry answers both now" in page
    assert "No entries disagree" in page
    assert await alternatives(owner, second) == ["How long can I return it?", "return period"]
    page = await owner.undone(page)
    assert "The two entries are as before" in page
    assert "Different figures" in page
    assert await alternatives(owner, second) == []


async def test_both_are_right_is_said_once_and_can_be_taken_back(owner: Owner) -> None:
    first = await add(owner, "What is the return period?", "You have 14 days.")
    second = await add(owner, "what is the return period", "You have 30 days.")
    one, other = sorted((first, second))
    assert "Choose what" in await owner.told(
        await owner.send("/gaps/disagreeing", {"first": one, "second": other, "step": ""})
    )
    page = await owner.told(await owner.send("/gaps/disagreeing", {"first": one, "second": other, "step": "both"}))
    assert "Both stay" in page
    assert "No entries disagree" in page
    assert "Different figures" in await owner.undone(page)
    foreign = {"first": one, "second": "f" * 32, "step": "both"}
    assert (await owner.send("/gaps/disagreeing", foreign)).status_code == 404


async def test_who_comes_second_is_told_so(owner: Owner) -> None:
    first = await add(owner, "What is the return period?", "You have 14 days.")
    second = await add(owner, "what is the return period", "You have 30 days.")
    asked = await gap(owner, "Do you rent plants?")
    one, other = sorted((first, second))
    sent = {"first": one, "second": other, "step": "first"}
    assert "One entry answers" in await owner.told(await owner.send("/gaps/disagreeing", sent))
    for path, fields in (("/gaps/disagreeing", sent), ("/gaps", {"gaps": asked, "step": "merge", "entry": other})):
        assert "merged that entry before you" in await owner.told(await owner.send(path, fields))
    assert await statuses(owner) == ["open"]


async def test_who_may_only_read_sees_the_gaps_and_the_pairs_without_their_buttons(owner: Owner) -> None:
    await gap(owner, "Do you rent plants?")
    await add(owner, "What is the return period?", "You have 14 days.")
    await add(owner, "what is the return period", "You have 30 days.")
    viewer = owner.site.visit()
    await viewer.sign_in("viewer@acme.example")
    for path, seen in (("/gaps", "Do you rent plants?"), ("/gaps/disagreeing", "Different figures")):
        page = (await viewer.get(owner.base + path)).text
        assert seen in page
        assert 'name="step"' not in page
        assert "/live?room=" not in page
