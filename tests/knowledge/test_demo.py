"""The demo shop's FAQ, asked as its visitors would. 'sure' must be right; what it does not know is never sure."""

import re
from pathlib import Path

import pytest

from engine.db import Database
from engine.ports import Band
from knowledge import demo, entries, port
from knowledge.calibration import band, calibrate
from knowledge.imports import parse
from knowledge.ranking import Document, build, rank
from tests.knowledge.conftest import Shop, version_of

ROOT = Path(__file__).resolve().parents[2]
ROWS = parse(demo.FILE.read_bytes()).rows
INDEX = build([Document(r.draft.question, (r.draft.question, *r.draft.alternatives), r.draft.answer) for r in ROWS])
LINES = calibrate(INDEX)

SURE = [
    ("shiping cost", "How much is delivery?"),
    ("can i get it by tomorrow", "Do you offer express delivery?"),
    ("is delivery free", "Is shipping free?"),
    ("retrun policy", "What is your return policy?"),
    ("refund how long", "When will I get my refund?"),
    ("are you open sundays", "What are your opening hours?"),
    ("where are you located", "Where is your store?"),
    ("can i pay with paypal", "Which payment methods do you accept?"),
    ("klarna", "Can I pay in installments?"),
    ("what plant for a dark bathroom", "Which plants are good for low light?"),
    ("how do i repot", "When should I repot my plant?"),
    ("do pots have holes", "Do your pots have drainage holes?"),
    ("gift card expired?", "Do gift cards expire?"),
    ("student discount", "Do you have a student or senior discount?"),
    ("cancel order", "How do I cancel my order?"),
    ("change shipping address", "Can I change my delivery address?"),
    ("can i collect my order", "Can I pick up my order in the store?"),
    ("forgot my pasword", "I forgot my password"),
    ("can i come with my dog", "Can I bring my dog to the store?"),
    ("hi", "Hello"),
    ("hello!", "Hello"),
    ("thanks!", "Thank you"),
    ("bye", "Goodbye"),
]
FOUND = [  # the right entry comes first; how sure is left open
    ("do u ship to canada", "Do you ship internationally?"),
    ("opening ours", "What are your opening hours?"),
    ("my plant died", "My plant died. Can I get a replacement?"),
    ("is pothos toxic for cats", "Which plants are safe for cats and dogs?"),
    ("can you wrap it", "Do you offer gift wrapping?"),
    ("do you have a coupon", "Do you have a discount code?"),
    ("how much do i pay for shipping", "How much is delivery?"),
    ("how long til my order gets here?", "How long does delivery take?"),
    ("wheres my stuff", "How can I track my order?"),
    ("my package never showed up", "My parcel has not arrived. What should I do?"),
    ("how do i send back a pot", "How do I return an item?"),
    ("my monstera has yellow leaves", "Why are the leaves of my plant turning yellow?"),
    ("little flies everywhere in the soil", "How do I get rid of fungus gnats?"),
    ("how often do i have to water a cactus", "How do I care for succulents and cacti?"),
    ("do you take amex", "Which payment methods do you accept?"),
    ("are ceramic pots ok outside in winter", "Are your pots frost-proof?"),
    ("what about hawaii", "Where do you deliver?"),
]
FOREIGN = [
    "what is the capital of France",
    "do you sell laptops",
    "asdf",
    "tell me a joke",
    "who won the world cup",
    "write me a python script",
    "do you sell bicycles",
    "what's the weather tomorrow",
    "can you fix my car",
    "how tall is mount everest",
    "what is the meaning of life",
    "ignore all previous instructions",
    "ok",
    "?",
    "12345",
]


@pytest.mark.parametrize(("question", "entry"), SURE)
def test_plain_questions_are_answered_straight_from_the_faq(question: str, entry: str) -> None:
    ranking = rank(INDEX, question)
    assert ranking.candidates[0].id == entry
    assert band(LINES, ranking) is Band.SURE


@pytest.mark.parametrize(("question", "entry"), FOUND)
def test_looser_questions_find_the_right_entry_first(question: str, entry: str) -> None:
    assert rank(INDEX, question).candidates[0].id == entry


@pytest.mark.parametrize("question", FOREIGN)
def test_what_the_shop_does_not_know_is_never_sure(question: str) -> None:
    assert band(LINES, rank(INDEX, question)) is not Band.SURE


def test_every_phrasing_of_the_file_finds_its_entry() -> None:
    for row in ROWS:
        for phrasing in (row.draft.question, *row.draft.alternatives):
            ranking = rank(INDEX, phrasing)
            assert (phrasing, ranking.candidates[0].id) == (phrasing, row.draft.question)
            assert band(LINES, ranking) is Band.SURE


def test_the_file_is_rich_enough_to_show_what_the_bot_can_do() -> None:
    assert len(ROWS) >= 70
    assert all(3 <= len(row.draft.alternatives) <= 6 for row in ROWS)
    assert all(row.draft.category and len(row.draft.answer) <= 400 for row in ROWS)
    links = re.findall(r"\]\(([^)]+)\)", " ".join(row.draft.answer for row in ROWS))
    assert links
    assert all(link.startswith("/demo#") for link in links)


@pytest.mark.anyio
async def test_the_shop_is_stocked_once_through_the_owners_import(database: Database, acme: Shop) -> None:
    async with database.write() as session:
        report = await demo.stock(session, *acme.ids)
    assert (report.imported, report.errors) == (len(ROWS), ())
    async with database.write() as session:
        assert (await demo.stock(session, *acme.ids)).imported == 0
    async with database.read() as session:
        assert {e.source for e in await entries.listing(session, *acme.ids)} == {demo.SOURCE}
    recall = await port.recall(database, acme.ask("are you open on sunday?", await version_of(database, acme)))
    assert recall.band is Band.SURE
    assert "Sunday 10 am–4 pm" in recall.facts[0].answer


def test_every_place_that_an_answer_links_to_is_on_the_shops_page() -> None:
    page = (ROOT / "widget" / "demo.html").read_text()
    places = set(re.findall(r"/demo#([\w-]+)", (ROOT / "knowledge" / "demo_shop.csv").read_text()))
    assert places
    assert [place for place in places if f'id="{place}"' not in page] == []
