import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.followups import combined, joined, leans
from knowledge.ranking import Candidate, Document, Ranking, build, rank

LEANING = [
    "and on Sunday?", "what about returns", "how much is it?", "How long does it take?", "But why?", "for children?",
    "is that included?", "do they bite", "also in white?", "how long?", "why not?", "what if I lost it", "to Norway?",
    "und am Sonntag?", "was ist mit Retouren?", "wie lange dauert das?", "geht das auch mit PayPal?", "für Kinder?",
    "et le dimanche ?", "c'est combien ?", "et pour les retours", "combien de temps ?", "avec PayPal ?",
    "¿y los domingos?", "¿cuánto cuesta?", "¿qué tal las devoluciones?", "¿y si eso no llega?", "para niños?",
    "e la domenica?", "quanto costa?", "anche con PayPal?", "e se questo non funziona?",
    "e aos domingos?", "quanto custa?", "e quanto às devoluções?", "isso é grátis?",
    "en op zondag?", "hoe zit het met retouren?", "kan dat ook met iDEAL?", "hoeveel kost het?",
    "а в воскресенье?", "сколько это?", "那周日呢?",
    "它多少钱", "日曜日は?", "それはいくらですか", "แล้ววันอาทิตย์ล่ะ", "일요일은요?",
]  # fmt: skip
STANDING = [
    "How long does delivery take?", "opening hours", "refund", "Do you sell gift cards?", "Where is my order?",
    "Is it possible to return a plant?", "How long does it take to get a refund?", "hi", "Thanks!", "ok", "",
    "Can I pay with PayPal?", "I forgot my password", "What is your return policy?", "?!",
    "Was kostet der Versand nach Österreich?", "Wie kann ich bezahlen?", "Gibt es Gutscheine?", "danke schön",
    "Quels sont vos horaires d'ouverture ?", "Comment retourner un article ?", "merci",
    "¿Cuánto cuesta el envío a Canarias?", "¿Puedo devolver un pedido?", "gracias",
    "Quanto costa la spedizione?", "Come posso pagare?", "Quais são as formas de pagamento?",
    "Wat zijn de verzendkosten?", "Kan ik mijn bestelling ruilen?", "Сколько стоит доставка?", "Как вернуть товар?",
    "Où est ma commande ?", "Ma commande est perdue",
    "É possível devolver um produto?", "È possibile restituire un articolo?", "退货需要多长时间", "如何重置密码",
    "送料はいくらですか", "返品できますか", "ค่าจัดส่งเท่าไหร่", "배송은 얼마나 걸리나요",
]  # fmt: skip
SHOP = [
    Document("delivery", ("How long does delivery take?", "When will my order arrive?", "Do you deliver to Spain?")),
    Document("delivery-price", ("How much is delivery?", "What are the shipping costs?")),
    Document("sunday-delivery", ("Do you deliver on Sundays?", "Is there weekend delivery?")),
    Document("returns", ("Can I send something back?", "What is your return policy?", "How do returns work?")),
    Document("refund", ("When do I get my money back?", "How long does a refund take?")),
    Document("gift", ("Do you sell gift cards?", "Can I buy a voucher?")),
    Document("gift-price", ("How much is a gift card?", "What amounts do vouchers have?")),
    Document("hours", ("When are you open?", "What are your opening hours?")),
    Document("sunday", ("Are you open on Sunday?", "Do you open at weekends?")),
    Document("repot", ("How do I repot a plant?", "When should I repot my cactus?")),
]
INDEX = build(SHOP)


def first(text: str, *earlier: str) -> str:
    """The entry that comes first for ``text`` after ``earlier`` questions, newest first."""
    alone = rank(INDEX, text)
    if leans(text):
        alone = combined(text, alone, rank(INDEX, joined(text, earlier)))
    return alone.candidates[0].id


@pytest.mark.parametrize("text", LEANING)
def test_a_message_that_continues_another_leans(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize("text", STANDING)
def test_a_message_that_stands_on_its_own_does_not(text: str) -> None:
    assert not leans(text)


@pytest.mark.parametrize(
    ("text", "earlier", "entry"),
    [
        ("and on Sunday?", ["When are you open?"], "sunday"),
        ("and on Sundays?", ["Do you deliver to Spain?"], "sunday-delivery"),
        ("how much is it?", ["Do you sell gift cards?"], "gift-price"),
        ("how much is it?", ["how long does delivery take"], "delivery-price"),
        ("how long does it take?", ["Do you deliver to Spain?"], "delivery"),
        ("and how long does that take?", ["How do I get a refund?"], "refund"),
        ("how much?", ["thanks", "can i buy a voucher"], "gift-price"),
        ("how much is it then?", ["and to France?", "Do you deliver to Spain?"], "delivery-price"),
    ],
)
def test_a_follow_up_finds_the_entry_of_its_topic(text: str, earlier: list[str], entry: str) -> None:
    assert first(text, *earlier) == entry


@pytest.mark.parametrize("topic", ["Do you deliver to Spain?", "how much is a gift card", "are you open on sunday?"])
@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("what about returns?", "returns"),
        ("and how do i repot my cactus?", "repot"),
        ("What is your return policy?", "returns"),
        ("How long does a refund take?", "refund"),
        ("also, when do I get my money back?", "refund"),
        ("repot a plant", "repot"),
    ],
)
def test_a_new_topic_is_not_dragged_to_the_old_one(topic: str, text: str, entry: str) -> None:
    assert first(text, topic) == entry


def test_a_message_is_joined_with_the_question_it_continues_and_no_older_one() -> None:
    asked = ["and by express?", "thanks", "Do you deliver to Spain?", "Do you sell vouchers?"]
    assert joined("how much?", asked) == "deliver spain express how much?"
    assert joined("how much?", asked[2:]) == "deliver spain how much?"
    assert joined("how much?", []) == joined("how much?", ["hi", ""]) == "how much?"


def test_what_a_message_says_itself_weighs_more_the_more_it_says() -> None:
    alone = Ranking((Candidate("own", 4.0, 0.8), Candidate("old", 0.0, 0.1)))
    together = Ranking((Candidate("old", 5.0, 0.9), Candidate("own", 2.0, 0.4)))
    assert combined("how much is it?", alone, together).candidates[0].id == "old"
    assert combined("what about returns", alone, together).candidates[0].id == "own"
    assert combined("what about returns", Ranking(()), together) == together
    assert combined("what about returns", alone, Ranking(())) == alone


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=5))
def test_any_text_is_looked_at_and_joined(text: str, earlier: list[str]) -> None:
    leans(text)
    assert joined(text, earlier).endswith(text)
