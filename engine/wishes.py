"""Whether a visitor plainly asks for a person, in the languages we speak, and does not plainly refuse one. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200  # characters; longer messages are left to the button: they ask for more
FEW = r"(?:\w+\s+){0,2}"  # words between that change nothing


@dataclass(frozen=True, slots=True)
class Manner:
    """How a language asks. ``person``: whom it names; ``asks``: the wish, with PERSON in its place; ``alone``: whom to
    name is to ask for; ``please`` may follow; ``refuses``: what turns the wish round. All without accents."""

    person: str
    asks: str
    alone: str
    please: str
    refuses: str


_MANNERS = (
    Manner(  # English
        r"human|person|agent|someone|somebody|body|one|operator|representative|staff|team|adviser|advisor",
        r"\b(?:speak|talk|chat|connect me|put me through|transfer me)\s+(?:to|with)\s+(?:an?\s+|the\s+|some|your\s+)?"
        r"(?:real\s+|live\s+|actual\s+)?PERSON\b|\b(?:real|live|actual)\s+(?:human|person|agent)\b"
        r"|\b(?:want|need|get(?:\s+me)?)\s+an?\s+(?:human|real person|live agent|agent|operator)\b",
        r"human|agent|operator|representative|(?:a\s+)?(?:real\s+)?person|a\s+human",
        r"please|now",
        r"\b(?:don'?t|do not|doesn'?t|didn'?t|did not|never|won'?t|wouldn'?t|would not|not)\s+"
        r"(?:(?:\w+\s+)?(?:want(?:ed)?|wanna|need|like|wish|care|have)|talk|speak|chat|connect|transfer|put|get)\b"
        r"|\b(?:no|without|not)\s+(?:an?\s+|any\s+)?(?:real\s+|live\s+)?(?:human|person|agent|operator)"
        r"|\bno need\b|\brather not\b|\binstead of\b|\brather than\b",
    ),
    Manner(  # German
        r"mensch(?:en)?|mitarbeiter(?:in)?|person|berater(?:in)?|jemand(?:en|em)?",
        rf"\bmit\s+{FEW}PERSON\s+(?:\w+\s+)?(?:sprechen|reden|chatten|schreiben|verbinden|verbunden)\b"
        rf"|\b(?:sprechen|reden|verbinden?(?:\s+sie)?\s+mich)\s+(?:bitte\s+)?mit\s+{FEW}PERSON\b"
        r"|\bPERSON\s+sprechen\b|\b(?:echten?|richtigen?)\s+(?:menschen?|mitarbeiter(?:in)?)\b"
        rf"|\b(?:will|mochte|brauche)\s+{FEW}einen?\s+(?:menschen|mitarbeiter(?:in)?|berater(?:in)?)\b",
        r"(?:einen?\s+)?(?:mensch(?:en)?|mitarbeiter(?:in)?|berater(?:in)?)",
        r"bitte",
        r"\b(?:will|mochte|brauche|muss|wollte)\b.*\b(?:nicht|kein\w*)\b"
        r"|\bkein\w*\s+(?:\w+\s+)?(?:mensch|mitarbeiter|person|berater)|\bohne\b|\bbitte nicht\b|\bstatt\b",
    ),
    Manner(  # French
        r"personne|humain|conseillere?|agent|quelqu'?un|operateur|interlocuteur",
        rf"\b(?:parler|discuter|echanger)\s+(?:a|avec)\s+{FEW}PERSON\b"
        rf"|\b(?:relation|contact)\s+avec\s+{FEW}PERSON\b|\bpassez[- ]moi\s+{FEW}PERSON\b"
        r"|\b(?:veux|voudrais|besoin d')\s*une?\s+(?:vraie?\s+)?(?:humain|conseillere?|agent|personne)\b",
        r"(?:une?\s+)?(?:vraie?\s+)?(?:humain|conseillere?|agent|personne)",
        r"s'?il (?:vous|te) plait|svp|stp",
        r"\b(?:veux|voudrais|souhaite|ai)\s+(?:\w+\s+)?pas\b|\bpas\s+(?:besoin|envie|a|avec|d|de|une?)\b|\bsans\b"
        r"|\bau lieu\b|\bplutot qu",
    ),
    Manner(  # Spanish
        r"persona|humano|agente|asesora?|operadora?|alguien|representante",
        rf"\b(?:hablar|chatear|comunicar\w*|conect\w+|contactar|pas[ae]me|ponme)\s+(?:\w+\s+)?con\s+{FEW}PERSON\b"
        r"|\b(?:quiero|necesito)\s+(?:a\s+)?una?\s+(?:persona|humano|agente|asesora?|operadora?)\b",
        r"(?:una?\s+)?(?:persona|humano|agente|asesora?|operadora?)(?:\s+real)?",
        r"por favor",
        r"\bno\s+(?:\w+\s+)?(?:quiero|necesito|deseo|quisiera|hace falta|pas\w+|pong\w+|conect\w+)\b|\bsin\b|\bningun"
        r"|\ben (?:vez|lugar) de\b",
    ),
    Manner(  # Portuguese
        r"pessoa|humano|atendente|alguem|agente|operadora?",
        rf"\b(?:falar|conversar|contato)\s+com\s+{FEW}PERSON\b"
        r"|\b(?:quero|preciso de)\s+uma?\s+(?:pessoa|humano|atendente)\b",
        r"(?:uma?\s+)?(?:pessoa|humano|atendente)(?:\s+real)?",
        r"por favor",
        r"\bnao\s+(?:\w+\s+)?(?:quero|preciso|desejo|gostaria)\b|\bsem\b|\bnenhum|\bem vez de\b",
    ),
    Manner(  # Italian
        r"persona|umano|operatore|operatrice|agente|qualcuno|addetto|addetta",
        rf"\b(?:parlare|chattare|parlo)\s+con\s+(?:un')?{FEW}PERSON\b"
        r"|\b(?:voglio|vorrei)\s+un(?:a\s+|'|\s+)?(?:persona|umano|operatore|operatrice)\b",
        r"(?:un[ao]?\s*'?\s*)?(?:persona|umano|operatore|operatrice)",
        r"per favore|per piacere",
        r"\bnon\s+(?:\w+\s+)?(?:voglio|vorrei|serve|desidero|bisogno)\b|\bsenza\b|\bnessun|\binvece di\b",
    ),
    Manner(  # Dutch
        r"mens|medewerker|persoon|iemand",
        rf"\bmet\s+{FEW}PERSON\s+(?:\w+\s+)?(?:praten|spreken|chatten)\b"
        rf"|\b(?:praten|spreken|chatten)\s+met\s+{FEW}PERSON\b|\b(?:medewerker|iemand)\s+spreken\b",
        r"(?:een\s+)?(?:echte?\s+)?(?:mens|medewerker)",
        r"alsjeblieft|graag|aub|alstublieft",
        r"\b(?:wil|hoef|hoeft|zou)\b.*\b(?:niet|geen)\b|\bgeen\s+(?:\w+\s+)?(?:mens|medewerker)|\bzonder\b"
        r"|\bin plaats van\b",
    ),
    Manner(  # Polish
        r"człowiekiem|konsultant(?:em|ka)|kims|pracownikiem|osoba|agentem|doradca",
        rf"\b(?:rozmawiac|porozmawiac|pogadac|połaczyc|połacz\w*|kontakt\w*)\s+{FEW}z\s+{FEW}PERSON\b",
        r"człowiek|konsultant|zywy człowiek",
        r"prosze",
        r"\bnie\s+(?:\w+\s+)?(?:chce|chciał\w*|potrzebuje|trzeba|łacz\w*)\b|\bbez\b|\bzamiast\b",
    ),
    Manner(  # Czech
        r"clovekem|operator(?:em|kou)|nekym|pracovnikem|osobou",
        rf"\b(?:mluvit|promluvit|hovorit|spojit|spojte|spoj)\s+{FEW}s\s+{FEW}PERSON\b",
        r"clovek|operator|zivy clovek",
        r"prosim",
        r"\bne(?:chci|potrebuji|chtel\w*|spojujte)\b|\bbez\b|\bmisto\b",
    ),
    Manner(  # Swedish, Danish, Norwegian
        r"manniska|menneske|person|nagon|nogen|noen|medarbetare|medarbejder|medarbeider|kundebehandler",
        rf"\b(?:prata|tala|snacka|chatta|tale|snakke|chatte|prate)\s+med\s+{FEW}PERSON\b",
        r"(?:en\s+|et\s+)?(?:manniska|menneske|medarbetare|medarbejder|medarbeider)",
        r"tack|tak|takk",
        r"\b(?:vill|vil|behover|behøver|trenger|onskar|ønsker)\s+(?:\w+\s+)?(?:inte|ikke)\b|\b(?:utan|uden|uten)\b",
    ),
    Manner(  # Finnish
        r"ihmisen|henkilon|asiakaspalvelijan|jonkun|virkailijan",
        rf"\b(?:puhua|keskustella|jutella)\s+{FEW}PERSON\s+kanssa\b"
        rf"|\bPERSON\s+kanssa\s+{FEW}(?:puhua|keskustella|jutella)\b",
        r"ihminen|asiakaspalvelija",
        r"kiitos",
        r"\ben\s+(?:\w+\s+)?(?:halua|tarvitse)\b|\bilman\b",
    ),
    Manner(  # Turkish
        r"insan(?:la|\s+ile)|kisi(?:yle|\s+ile)|yetkili(?:yle|\s+ile)|temsilci(?:yle|siyle|\s+ile)|biriyle|calısanla",
        rf"\bPERSON\s+{FEW}(?:konus|gorus)\w*"
        r"|\b(?:temsilciye|yetkiliye|temsilcisine)\s+bagla\w*",
        r"(?:musteri\s+)?temsilci(?:si)?|yetkili",
        r"lutfen",
        r"istemiyorum|istemem|gerek yok|gerekmiyor|baglama(?:yın|yin)\b",
    ),
    Manner(  # Russian
        r"человек\w*|оператор\w*|сотрудник\w*|менеджер\w*|специалист\w*|кем-?нибудь|кем-?то",
        rf"\b(?:поговорить|говорить|пообщаться|связаться|свяжите|соедин\w+|переключ\w+|переведите)\s+{FEW}"
        rf"(?:со?|на)\s+{FEW}PERSON|\b(?:позов\w+|дайте|нужен)\s+(?:живого\s+|живой\s+)?(?:человек|оператор|сотрудник)",
        r"(?:живой\s+)?(?:человек|оператор)",
        r"пожалуйста",
        r"\bне\s+(?:\w+\s+)?(?:хочу|надо|нужно|нужен|нужна|хотел\w*|соедин\w*|зови\w*|переключ\w*)\b|\bбез\b|\bвместо\b",
    ),
    Manner(  # Ukrainian
        r"людин\w+|оператор\w*|працівник\w*|менеджер\w*|спеціаліст\w*|кимось",
        rf"\b(?:поговорити|говорити|поспілкуватися|зв'?язатися|з'?єднайте|перемкніть)\s+{FEW}(?:з|із|зі|на)\s+{FEW}PERSON"
        r"|\b(?:покличте|потрібна|потрібен)\s+(?:жив\w+\s+)?(?:людин|оператор|працівник)",
        r"(?:жива\s+)?(?:людина|оператор)",
        r"будь ласка",
        r"\bне\s+(?:\w+\s+)?(?:хочу|треба|потріб\w+|хотів|хотіла|клич\w*)\b|\bбез\b|\bзамість\b",
    ),
    Manner(  # Greek
        r"ανθρωπο|εκπροσωπο|καποιον|υπαλληλο|ατομο",
        rf"\b(?:μιλησω|μιλαω|συνομιλησω|επικοινωνησω|συνδεθω)\s+{FEW}(?:με|σε)\s+{FEW}PERSON\b",
        r"ανθρωπος?|εκπροσωπος?|υπαλληλος?",
        r"παρακαλω",
        r"\bδεν?\s+(?:\w+\s+)?(?:θελω|χρειαζομαι|ηθελα)\b|\bχωρις\b|\bαντι\b",
    ),
    Manner(  # Romanian
        r"persoana|om|operator|cineva|agent|consultant",
        rf"\b(?:vorbesc|vorbi|discut|discuta)\s+cu\s+{FEW}PERSON\b",
        r"operator|consultant|(?:o\s+)?persoana(?:\s+reala)?",
        r"va rog|te rog",
        r"\bnu\s+(?:\w+\s+)?(?:vreau|doresc|am nevoie|trebuie|as vrea)\b|\bfara\b|\bin loc\b",
    ),
    Manner(  # Hungarian
        r"emberrel|munkatarssal|ugyintezovel|valakivel|operatorral",
        rf"\bbeszel\w*\s+{FEW}PERSON\b|\bPERSON\s+{FEW}beszel\w*",
        r"(?:elo\s+)?ember|ugyintezo(?:t)?|munkatars(?:at)?|operator",
        r"kerem|legyszives|legyen szives",
        rf"\bnem\s+{FEW}(?:akarok|szeretnek|kell|kerek)\b|\bnelkul\b|\bhelyett\b",
    ),
    Manner(  # Arabic
        r"شخص|انسان|موظف|ممثل|بشري|احد|وكيل",
        rf"(?:تحدث|تكلم|كلام|تواصل|حولني|تحويلي|اكلم|دردشه|دردشة)\s+{FEW}(?:مع|الي|الى)?\s*{FEW}(?:ال)?PERSON",
        r"(?:ال)?(?:موظف|انسان|شخص حقيقي)",
        r"من فضلك|لو سمحت|رجاء",
        r"(?:لا|لم|لست)\s+(?:\w+\s+)?(?:اريد|ارغب|احتاج|داعي|حاجه|حاجة|تحولني)|بدون|بدلا",
    ),
    Manner(  # Hebrew
        r"אדם|בן אדם|בנאדם|נציג\w*|מישהו|אנושי",
        rf"(?:לדבר|לשוחח|לצ'?וטט|להתחבר)\s+{FEW}(?:עם|אל)\s+{FEW}PERSON|(?:רוצה|צריכ?ה?|צריך)\s+(?:נציג\w*|בן אדם)"
        r"|העבירו אותי לנציג",
        r"נציג\w*|בן אדם|נציג\w* אנושי\w*",
        r"בבקשה",
        r"(?:לא|אין)\s+(?:\w+\s+)?(?:רוצה|צריך|צריכה|מעוניינ\w*|צורך)|בלי|במקום",
    ),
    Manner(  # Persian
        r"انسان|ادم|شخص|اپراتور|پشتیبان\w*|کارشناس|نفر|کسی|همکار\w*",
        rf"با\s+{FEW}PERSON\s+(?:\w+\s+){{0,3}}(?:صحبت|حرف|گفتگو|چت)|(?:صحبت|گفتگو|چت)\s+با\s+{FEW}PERSON",
        r"اپراتور|پشتیبان|کارشناس|انسان",
        r"لطفا",
        r"نمی\s*خواهم|نمی\s*خوام|نیازی|لازم نیست|بدون|به جای",
    ),
    Manner(  # Hindi
        r"इंसान|व्यक्ति|एजेंट|आदमी|कर्मचारी|प्रतिनिधि",
        r"PERSON\s+(?:से|के साथ)\s+(?:\S+\s+){0,2}(?:बात|चैट|संपर्क)",
        r"एजेंट|इंसान|प्रतिनिधि",
        r"कृपया|प्लीज",
        r"नहीं|मत|बिना|बजाय",
    ),
    Manner(  # Japanese
        r"人間|担当者|担当の方|オペレーター|スタッフ|係の人|係員",
        r"PERSON(?:の方)?(?:と|に|へ)(?:直接)?(?:お?話|つな|繋|代わ|かわ|替わ|相談|チャット|連絡)"
        r"|PERSONを?(?:呼|お願い|希望)|有人対応|有人チャット",
        r"オペレーター|担当者|人間|有人",
        r"お願いします|ください",
        r"たくない|たくありません|不要|いらない|いりません|結構です|必要ない|必要ありません|なくていい",
    ),
    Manner(  # Korean
        r"상담원|상담사|사람|직원|담당자",
        r"PERSON(?:이랑|랑|과|와|하고|한테|에게)?\s*(?:직접\s*)?(?:통화|연결|대화|얘기|이야기|말하)"
        r"|(?:상담원|상담사|담당자)(?:을|를)?\s*(?:불러|바꿔|부탁|원해)",
        r"상담원|상담사|사람|담당자",
        r"부탁(?:해요|합니다|드려요)?|요",
        r"싶지\s*않|필요\s*없|원하지\s*않|말고\s*봇|안\s*할|하지\s*마",
    ),
    Manner(  # Chinese
        r"人工|真人|客服|活人",
        r"(?:转|轉|找|接|联系|聯絡|聯繫|呼叫|需要|想要)(?:一下|一位|一個|一个)?PERSON"
        r"|(?:跟|和|与|與)(?:PERSON|人)(?:员|員)?(?:直接)?(?:说|說|聊|谈|談|对话|對話|讲|講|沟通|溝通|交流)",
        r"人工(?:客服|服务|服務)?|真人(?:客服)?|客服",
        r"谢谢|謝謝",
        r"不要|不想|不需要|不用|别|別|無需|无需",
    ),
)


@lru_cache(maxsize=256)
def wants_person(text: str) -> bool:
    """Whether ``text`` plainly asks for a person: a clause of it wishes for one, in any language, and takes nothing
    back."""
    if len(text) > LONGEST:
        return False
    said = _plain(text)
    if _HINT.search(said) is None:
        return False
    if _ALONE.fullmatch(said.strip(_EDGES)):
        return True
    polite = any(_PLEASE.fullmatch(sentence.strip(_EDGES)) for sentence in _SENTENCES.split(said))
    return polite or any(_asks(clause) for clause in _CLAUSES.split(said))


def _asks(clause: str) -> bool:
    if _ASKS.search(clause) is None:
        return False
    return _WHY.search(clause) is not None or _REFUSES.search(clause) is None


def _plain(text: str) -> str:
    """Without case, accents, vowel points and what joins letters unseen; one kind of apostrophe and of blank."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(unicodedata.normalize("NFC", _MARKS.sub("", spread)).translate(_ONE_KIND).split(" "))


_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060-\u2069\ufeff]")
_ONE_KIND = str.maketrans({"’": "'", "ʼ": "'", "׳": "'", "`": "'", "\u00a0": " ", "ى": "ي"})
_EDGES = " .,!?;:¡¿…。！？、，؟\n\t\"'()"
_SENTENCES = re.compile(r"[.!?;…。！？；؟\n]")
_CLAUSES = re.compile(
    r"[.!?;:,…。！？；、，؟،\n]|\b(?:but|just|aber|sondern|mais|pero|sino|mas|ma|maar|ale|lecz|men|mutta|vaan|ama|но|але|αλλα"
    r"|dar|ci|hanem|لكن|بل|אבל|אלא|اما|بلکه)\b"
)
_WHY = re.compile(r"\b(?:why|can'?t|cannot|warum|pourquoi|porque no|por que|perche|waarom|почему|чому|γιατι)\b")


def _any(parts: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_plain_pattern(part)})" for part in parts))


def _plain_pattern(source: str) -> str:
    """A pattern as ``_plain`` leaves texts: what it is written with must be what it is held against."""
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", source)))


_HINT = _any([manner.person for manner in _MANNERS] + [manner.alone for manner in _MANNERS] + ["有人", "נציג"])
_ASKS = _any([manner.asks.replace("PERSON", f"(?:{manner.person})") for manner in _MANNERS])
_ALONE = _any([rf"(?:{each.alone})(?:\s*,?\s*(?:{each.please}))?" for each in _MANNERS])
_PLEASE = _any([rf"(?:{each.alone})\s*,?\s+(?:{each.please})" for each in _MANNERS])
_REFUSES = _any([manner.refuses for manner in _MANNERS])
