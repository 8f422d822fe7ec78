"""What is said to be polite, or by accident: no knowledge is missing where a bot has no answer to it. Pure."""

import re

from knowledge import text

MOST_WORDS = 6  # a longer message says something, whatever its words

# Words that ask nothing, in the languages visitors greet in. A message of nothing else is small talk.
_WORDS = """
    hi hii hiii hello helo hey heya hiya yo sup howdy greetings good morning afternoon evening day night there again
    thanks thank thx ty tysm cheers you u very so alright right ok okay okey k kk okie yes yeah yep yup no nope nah
    sure great nice cool perfect awesome wow excellent super wonderful fine lol haha hahaha hehe hmm hm um uh oh ah
    bye goodbye byebye cu ciao please pls sorry welcome test testing asdf nothing nevermind
    hallo guten tag morgen abend moin servus gruss danke schon dankeschon vielen dank bitte tschuss ja nein
    hola buenos buenas dias tardes noches gracias muchas adios si vale
    bonjour bonsoir salut merci beaucoup revoir oui non
    buongiorno buonasera grazie mille arrivederci ola oi bom boa tarde noite obrigado obrigada tchau sim nao
    hoi dag bedankt dank je wel hej tack tak privet spasibo poka namaste salaam salam merhaba tesekkurler
    привет здравствуйте спасибо пока да нет مرحبا شكرا سلام नमस्ते धन्यवाद"""
_PHRASES = frozenset({
    "how are you", "hi how are you", "hello how are you", "how are you doing", "whats up", "thanks a lot",
    "thank you very much", "thanks so much", "many thanks", "thanks for your help", "thank you for your help",
    "see you", "see you later", "never mind", "all right", "that is all", "thats all", "wie gehts", "que tal",
    "comment ca va", "ca va", "are you there", "is anyone there", "anyone there",
})  # fmt: skip
_SMALL = frozenset(text.normalise(_WORDS).split())
_UNSPACED = re.compile(
    "(?:你好|您好|谢谢|多谢|再见|好的|嗨|早上好|晚上好|こんにちは|おはよう|ありがとう|ございます|こんばんは|さようなら|はい|いいえ"
    "|สวัสดี|ขอบคุณ|ครับ|ค่ะ|คะ)+"
)
_SAME_LETTER = re.compile(r"(.)\1{3,}")


def is_small_talk(written: str) -> bool:
    """Whether ``written`` greets, thanks, agrees or says nothing at all ("Hi!", "ok thanks", "???", "aaaaaa")."""
    plain = text.normalise(written)
    words = plain.split()
    if not words or plain in _PHRASES or (len(words) == 1 and _is_noise(words[0])):
        return True
    return len(words) <= MOST_WORDS and all(word in _SMALL or _UNSPACED.fullmatch(word) for word in words)


def _is_noise(word: str) -> bool:
    if text.is_unspaced(word):
        return False
    return len(word) == 1 or _SAME_LETTER.fullmatch(word) is not None
