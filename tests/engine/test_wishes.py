"""Who plainly asks for a person gets one, in their own language; who refuses one, or only speaks of one, does not."""

import time

import pytest

from engine.wishes import wants_person

ASKS = [
    "human", "Agent please!", "I want a human", "i need an agent", "can I speak with a real person?",
    "get me an operator", "Please connect me with someone", "put me through to your team", "Let me talk to somebody",
    "real person please", "I would like to chat with a live agent", "transfer me to a representative",
    "TALK TO A HUMAN", "Why can't I talk to a human?", "I don't want a bot, I want a human",
    "This is not what I asked. Let me speak to a person", "Not a robot. A human, please",
    "Why don't you connect me with someone?",
    "Ich möchte mit einem Menschen sprechen", "Kann ich mit einem Mitarbeiter reden?", "Mitarbeiter bitte",
    "Ich will keinen Bot, sondern mit einem Menschen sprechen", "Ich brauche einen Berater",
    "je veux parler à un conseiller", "Puis-je parler avec une vraie personne ?", "Un humain s’il vous plaît",
    "quiero hablar con una persona", "¿Puedo hablar con alguien?", "No quiero un robot, quiero hablar con un agente",
    "quero falar com um atendente", "Posso falar com uma pessoa?", "atendente",
    "vorrei parlare con un operatore", "Posso parlare con qualcuno?", "operatore, per favore",
    "Kan ik met een medewerker praten?", "Ik wil graag met iemand spreken",
    "Chcę porozmawiać z człowiekiem", "Proszę połączyć mnie z konsultantem",
    "Chci mluvit s člověkem", "Jag vill prata med en människa", "Jeg vil tale med en medarbejder",
    "Kan jeg snakke med et menneske?", "Haluan puhua ihmisen kanssa", "Gerçek bir insanla konuşmak istiyorum",
    "Müşteri temsilcisine bağlanmak istiyorum", "Хочу поговорить с человеком", "Позовите оператора", "оператор!",
    "Соедините меня с сотрудником", "Хочу поговорити з людиною", "Покличте оператора, будь ласка",
    "Θέλω να μιλήσω με έναν άνθρωπο", "Vreau să vorbesc cu o persoană", "Szeretnék egy emberrel beszélni",
    "أريد التحدث مع موظف", "أريد التحدث إلى شخص حقيقي", "אני רוצה לדבר עם נציג", "נציג בבקשה",
    "می‌خواهم با یک نفر صحبت کنم", "मुझे किसी इंसान से बात करनी है", "担当者と話したいです", "オペレーターにつないでください",
    "상담원 연결해 주세요", "사람과 대화하고 싶어요", "转人工",
    "我想和真人聊", "我要找客服", "請轉真人客服", "不要机器人，转人工",
]  # fmt: skip
ASKS_NOT = [
    "What do agents earn?", "Is this hair human?", "How do I wash a person's coat?",
    "Do you sell to one person households?", "the operator of this site", "I talked to your team yesterday",
    "speak up", "Can two persons share an order?", "Where is my package?", "human hair brush",
    "Is the delivery agency reliable?", "a " * 150 + "talk to a human",
    "Wie viele Mitarbeiter haben Sie?", "Ist das für eine Person?", "Combien de personnes par table ?",
    "¿Cuántas personas caben?", "Para quantas pessoas serve?", "È per una persona?", "Voor hoeveel personen is dit?",
    "Сколько человек помещается?", "Ile osób pracuje?", "كم عدد الموظفين؟", "何人用ですか？",
    "몇 사람용이에요?", "几个人用？", "",
]  # fmt: skip
REFUSES = [
    "I don't want a human", "I do not want to talk to a person", "no human please",
    "please don't connect me with an agent",
    "I'd rather not talk to a person", "I never wanted to talk to a human", "No need to talk to a person",
    "Ich möchte nicht mit einem Menschen sprechen", "Ich will keinen Mitarbeiter sprechen",
    "je ne veux pas parler à un conseiller", "pas besoin de parler à quelqu’un", "no quiero hablar con una persona",
    "não quero falar com um atendente", "non voglio parlare con un operatore", "Ik wil niet met een medewerker praten",
    "Nie chcę rozmawiać z człowiekiem", "Nechci mluvit s člověkem", "Jag vill inte prata med en människa",
    "Jeg vil ikke tale med en medarbejder", "En halua puhua ihmisen kanssa", "Bir insanla konuşmak istemiyorum",
    "Не хочу говорить с оператором", "Не хочу говорити з людиною", "Δεν θέλω να μιλήσω με άνθρωπο",
    "Nu vreau să vorbesc cu o persoană", "Nem akarok emberrel beszélni", "لا أريد التحدث مع موظف",
    "אני לא רוצה לדבר עם נציג", "نمی‌خواهم با کسی صحبت کنم", "मैं किसी इंसान से बात नहीं करना चाहता",
    "担当者と話したくないです", "상담원과 대화하고 싶지 않아요", "我不想和真人聊", "不需要转人工",
]  # fmt: skip


@pytest.mark.parametrize("phrase", ASKS)
def test_words_that_ask_for_a_person(phrase: str) -> None:
    assert wants_person(phrase)


@pytest.mark.parametrize("phrase", ASKS_NOT)
def test_words_that_do_not_ask_for_a_person(phrase: str) -> None:
    assert not wants_person(phrase)


@pytest.mark.parametrize("phrase", REFUSES)
def test_who_says_that_they_want_no_person_is_left_with_the_bot(phrase: str) -> None:
    assert not wants_person(phrase)


def cost(text: str) -> float:
    """CPU seconds of 20 looks at 200 characters of ``text``."""
    before = time.process_time()
    for turn in range(20):
        wants_person(f"{text[:197]}{turn}")
    return time.process_time() - before


def test_looking_for_the_wish_costs_no_more_where_it_is_made_to_be_slow() -> None:
    """200 characters that nearly match again and again, beside 200 of a plain question."""
    plain = cost("where is my parcel " * 11)
    for text in ("talk to a " * 20, "mit einem " * 20, "نفر با " * 28, "no " * 66, "人" * 200, "don't " * 33):
        assert cost(text) < 20 * max(plain, 0.005)
