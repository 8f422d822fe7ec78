"""The words of quantities and of denial in English, German, French, Spanish, Italian and Dutch. Data and ``fold``.

Everything is keyed by the folded word (``fold``): lower case, no accents. A word that is a number in one language and
something else in another ("once", "due", "elf") counts only where the text is in that language (``language``).
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")


@cache
def _digits() -> dict[int, str]:
    """Every decimal digit of every script to ours."""
    codes = (code for code in range(0x660, 0x1FBFA) if unicodedata.category(chr(code)) == "Nd")
    return {code: str(unicodedata.digit(chr(code))) for code in codes}


_DASHES = str.maketrans("‐‑‒–—−’‘＇\u00a0\u202f\u2009", "------'''   ")


def plain(text: str) -> str:
    """``text`` with one kind of digit, dash, apostrophe and blank."""
    if text.isascii():
        return text
    text = text.translate(_DASHES).replace("½", " 1/2").replace("¼", " 1/4").replace("¾", " 3/4")
    return unicodedata.normalize("NFKC", text).translate(_digits())


def fold(word: str) -> str:
    """``word`` in lower case and without accents; "ß" is "ss"."""
    if word.isascii():
        return word.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))


_ACCENTS = re.compile("[\u0300-\u036f]+")


def _table(text: str) -> dict[str, str]:
    """``meaning: word word; meaning: word`` as word to meaning."""
    pairs = (line.split(":") for line in text.replace("\n", " ").split(";") if line.strip())
    return {word: meaning.strip() for meaning, words in pairs for word in words.split()}


# Numbers -------------------------------------------------------------------------------------------------------

_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dixsept "
    "dixhuit dixneuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante quatrevingt nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
}
HUNDRED = frozenset(["hundred", "hundert", "cent", "cents", "cien", "ciento", "cento", "honderd"])
THOUSAND = frozenset(["thousand", "tausend", "mille", "mil", "mila", "duizend"])
AND = frozenset(["and", "und", "et", "y", "e", "en"])  # inside a number: "vingt et un", "treinta y cinco"
ARTICLES = frozenset(
    ["a", "an", "one", "ein", "eine", "einen", "einem", "einer", "eines", "un", "une", "una", "uno", "een"]
)
TIMES = {"dozen": 12, "dutzend": 12, "douzaine": 12, "docena": 12, "dozzina": 12, "dozijn": 12}


def _numbers(language: str) -> dict[str, int]:
    ones, tens = _ONES[language].split(), _TENS[language].split()
    found = {word: value for value, word in enumerate(ones) if value != 1}
    found |= {word: 20 + 10 * place for place, word in enumerate(tens)}
    if language in ("de", "nl"):
        link = "und" if language == "de" else "en"
        heads = ["", "ein" if language == "de" else "een", *ones[2:10]]
        for place, ten in enumerate(tens):
            found |= {f"{heads[one]}{link}{ten}": 20 + 10 * place + one for one in range(1, 10)}
        hundred = "hundert" if language == "de" else "honderd"
        found |= {f"{heads[one]}{hundred}": 100 * one for one in range(1, 10)}
    if language == "es":
        found |= {f"veinti{one}": 20 + value for value, one in enumerate(ones[:10]) if value}
        found |= {"doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500}
    if language == "it":
        for place, ten in enumerate(tens):
            for value, one in enumerate(ones[:10]):
                found[f"{ten[:-1] if value in (1, 8) else ten}{one}"] = 20 + 10 * place + value
        found |= {"duecento": 200, "trecento": 300, "cinquecento": 500}
    return found


NUMBERS: Mapping[str, Mapping[str, int]] = {language: _numbers(language) for language in LANGUAGES}
_ELSEWHERE = frozenset(
    ["once", "due", "sei", "elf", "neuf", "ten", "zero", "mil", "nove", "een", "en", "acht", "sept", "dix", "son"]
)
ORDINALS = {
    word: value
    for words in (
        "third fourth fifth sixth seventh eighth ninth tenth",
        "dritten vierten funften sechsten siebten achten neunten zehnten",
        "troisieme quatrieme cinquieme sixieme septieme huitieme neuvieme dixieme",
        "tercer cuarto quinto sexto septimo octavo noveno decimo",
    )
    for value, word in enumerate(words.split(), 3)
}
HALF = frozenset(
    [
        "half",
        "halbe",
        "halben",
        "halber",
        "halbes",
        "demi",
        "demie",
        "media",
        "medio",
        "mezza",
        "mezzo",
        "mezz'",
        "half",
        "halve",
    ]
)
QUARTER = frozenset(["quarter", "viertel", "quart", "cuarto", "quarto", "kwart", "kwartier", "viertelstunde"])
ONE_AND_HALF = frozenset(["anderthalb", "eineinhalb", "anderhalf"])

# Units ---------------------------------------------------------------------------------------------------------

SPANS = _table("""
1/60: second seconds sec secs sekunde sekunden seconde secondes segundo segundos secondo secondi seconden;
1: minute minutes min mins minuten minuto minutos minuti minuut 分 分钟 分間;
60: hour hours hr hrs h stunde stunden std heure heures hora horas ora ore uur uren 小时 時間;
1440: day days tag tage tagen tages jour jours dia dias giorno giorni dag dagen 日 天 日間;
10080: week weeks woche wochen semaine semaines semana semanas settimana settimane weken 周 週 週間;
""")
MONTH_SPANS = _table("""
1: month months monat monate monaten monats mois mes meses mese mesi maand maanden 个月 ヶ月 か月;
12: year years yr yrs jahr jahre jahren ans an annee annees ano anos anno anni jaar jaren 年;
""")
WORKDAYS = frozenset(
    """
    werktag werktage werktagen arbeitstag arbeitstage arbeitstagen bankarbeitstage werkdag werkdagen
    bankarbeitstagen 营业日 営業日 工作日
    """.split()
)
WORKING = frozenset(
    """
    business working ouvres ouvrables ouvrable ouvre habiles laborables habil laborable lavorativi lavorativo
    feriali banking weekday
    """.split()
)
LOOSE = frozenset(
    """
    full whole calendar consecutive more additional extra volle ganze vollen weitere further free kostenlose of
    full-time kalender
    """.split()
)
AMOUNTS = _table("""
kg: kg kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramos; g: g gram grams gramm grammes gramos;
lb: lb lbs; oz: oz ounce ounces; km: km kilometer kilometers kilometre kilometres kilometern kilometros;
mile: mile miles; m: m meter meters metre metres metern metros; cm: cm centimeter centimetre zentimeter centimetres;
mm: mm millimeter millimetre; inch: inch inches zoll; l: l litre litres liter liters litros; ml: ml;
kb: kb; mb: mb megabyte megabytes; gb: gb gigabyte gigabytes; tb: tb terabyte terabytes; mbit: mbps mbit;
kwh: kwh; kw: kw; w: w watt watts; v: v volt volts; px: px pixel pixels; mg: mg milligram milligrams; mp: mp megapixel;
mah: mah; hz: hz; ghz: ghz; mhz: mhz;
""")
COUNTS = _table("""
user: user users benutzer nutzer utilisateur utilisateurs usuario usuarios utenti gebruikers;
device: device devices gerat gerate geraten appareil appareils dispositivo dispositivos dispositivi apparaten;
point: point points punkt punkte punkten punto puntos punti punten; star: star stars sterne etoiles estrellas;
night: night nights nacht nachte nachten nuit nuits noche noches notte notti nachten;
guest: guest guests gast gaste gasten huesped huespedes ospiti; page: page pages seite seiten paginas pagina;
employee: employee employees mitarbeiter employes empleados; floor: floor floors stock etage piso;
""")
CURRENCIES = _table("""
EUR: € eur euro euros; USD: $ usd dollar dollars us$ dolar dolares dollari; GBP: £ gbp quid sterling;
CHF: chf sfr franken; JPY: ¥ jpy yen 円; CNY: cny rmb yuan 元; INR: ₹ inr rupees; PLN: pln zł zl zloty;
SEK: sek; NOK: nok; DKK: dkk; CAD: cad ca$; AUD: aud au$; KR: kr kronor kroner; RUB: ₽ rub; TRY: ₺ try; KRW: ₩ won;
GBP: pound pounds pfund livres libras;
""")
CENTS = frozenset(["cent", "cents", "ct", "centime", "centimes", "centimos", "centesimi", "pence", "p"])
MORNING, EVENING = frozenset(("am", "a.m.", "a.m", "vormittags", "morgens")), frozenset(("pm", "p.m.", "p.m", "abends"))
OCLOCK = frozenset(("o'clock", "uhr", "heures", "heure", "h", "uur", "时", "点", "時"))

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january januar janvier enero gennaio januari janner",
            "february februar fevrier febrero febbraio februari",
            "march marz mars marzo maart",
            "april avril abril aprile",
            "may mai mayo maggio mei",
            "june juni juin junio giugno",
            "july juli juillet julio luglio",
            "august aout agosto augustus",
            "september septembre septiembre settembre",
            "october oktober octobre octubre ottobre",
            "november novembre noviembre",
            "december dezember decembre diciembre dicembre",
        ),
        1,
    )
    for word in words.split()
}
SHORT_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan", "feb", "mar mrz", "apr", "may", "jun", "jul", "aug", "sep sept", "oct okt", "nov", "dec dez"
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday montag montags lundi lunes lunedi maandag",
            "tuesday dienstag dienstags mardi martes martedi dinsdag",
            "wednesday mittwoch mittwochs mercredi miercoles mercoledi woensdag",
            "thursday donnerstag donnerstags jeudi jueves giovedi donderdag",
            "friday freitag freitags vendredi viernes venerdi vrijdag",
            "saturday samstag samstags sonnabend samedi sabado sabato zaterdag",
            "sunday sonntag sonntags dimanche domingo domenica zondag",
        )
    )
    for word in words.split()
}
SHORT_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "Mon Mo Lun Lu", "Tue Tues Di Mar", "Wed Mi Mer Mie", "Thu Thur Thurs Do Jeu Jue", "Fri Fr Ven Vie",
            "Sat Sa Sam Sab", "Sun So Dim Dom",
        )
    )
    for word in words.split()
}  # fmt: skip
WEEKENDS = frozenset(["weekend", "weekends", "wochenende", "wochenenden", "finde", "fines"])

FREE = frozenset(
    """
    free freely complimentary kostenlos kostenlose kostenloser kostenloses kostenfrei kostenfreie gratis gratuit
    gratuite gratuits gratuites gratuitement gratuito gratuita gratuitos gratuitas gratuiti unentgeltlich
    umsonst
    """.split()
)

# Denial and small words ----------------------------------------------------------------------------------------

NEGATORS = frozenset(
    [
        "not",
        "no",
        "never",
        "cannot",
        "neither",
        "nor",
        "none",
        "nobody",
        "nothing",
        "without",
        "non",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keinem",
        "keines",
        "nie",
        "niemals",
        "ohne",
        "nein",
        "ne",
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "sans",
        "ni",
        "nunca",
        "sin",
        "ningun",
        "ninguna",
        "ningunos",
        "tampoco",
        "mai",
        "senza",
        "nessun",
        "nessuna",
        "niet",
        "geen",
        "nooit",
        "zonder",
        "nee",
    ]
)
OPPOSITES = _table("""
possible: impossible unmoglich; available: unavailable; able: unable; include: excluded exclude excludes excluding;
open: closed close closes geschlossen ferme fermee fermes cerrado cerrada cerrados chiuso chiusa gesloten;
allow: forbidden prohibited banned disallowed verboten interdit interdite prohibido prohibida vietato verboden;
accept: refuse refused decline declined reject rejected; require: optional; refund: nonrefundable;
limit: unlimited unlimitiert unbegrenzt ilimitado illimite illimitato;
return: nonreturnable; transfer: nontransferable; include: exclusive;
""")
SAME = _table("""
allow: allowed permitted erlaubt gestattet autorise autorises permitido permitidos permitida; open: open opened opens
offen geoffnet ouvert ouverts ouverte abierto abierta abiertos aperto; accept: accepted accepts;
require: required requires mandatory compulsory necessary need needed needs; refund: refundable refunded refunds;
possible: moglich posible possibile; include: included includes including inclusive; able: can;
return: returned returnable returns; available: available verfugbar; limit: limited;
deliver: delivery deliveries delivered shipping ship ships shipped shipment versand lieferung liefern livraison envio
consegna spedizione bezorging; price: prices cost costs pay pays charge charged fee kostet kosten zahlen coute cuesta;
""") | dict.fromkeys(FREE, "free")
YES = frozenset(
    ["yes", "yeah", "yep", "sure", "certainly", "absolutely", "ja", "oui", "si", "certo", "jazeker", "naturlich"]
)
NO = frozenset(["no", "nope", "nein", "non", "nee", "unfortunately", "leider"])
SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "by",
        "from",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "you",
        "your",
        "we",
        "our",
        "us",
        "i",
        "my",
        "me",
        "they",
        "their",
        "them",
        "there",
        "here",
        "can",
        "will",
        "would",
        "could",
        "should",
        "may",
        "might",
        "if",
        "when",
        "then",
        "than",
        "so",
        "but",
        "also",
        "just",
        "only",
        "very",
        "more",
        "most",
        "any",
        "some",
        "all",
        "each",
        "every",
        "how",
        "what",
        "which",
        "who",
        "where",
        "why",
        "about",
        "into",
        "out",
        "up",
        "down",
        "over",
        "under",
        "between",
        "within",
        "after",
        "before",
        "during",
        "until",
        "till",
        "please",
        "let",
        "yes",
        "no",
        "not",
        "via",
        "per",
        "etc",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "und",
        "oder",
        "von",
        "zu",
        "zum",
        "zur",
        "im",
        "in",
        "am",
        "an",
        "auf",
        "bei",
        "fur",
        "mit",
        "aus",
        "als",
        "ist",
        "sind",
        "war",
        "wird",
        "werden",
        "sein",
        "hat",
        "haben",
        "es",
        "sie",
        "ihr",
        "ihre",
        "ihren",
        "ihrem",
        "wir",
        "unser",
        "unsere",
        "uns",
        "ich",
        "du",
        "dein",
        "man",
        "kann",
        "konnen",
        "wenn",
        "dann",
        "aber",
        "auch",
        "nur",
        "sehr",
        "mehr",
        "wie",
        "was",
        "wer",
        "wo",
        "warum",
        "uber",
        "unter",
        "zwischen",
        "nach",
        "vor",
        "bis",
        "bitte",
        "sich",
        "nicht",
        "kein",
        "le",
        "la",
        "les",
        "un",
        "une",
        "des",
        "du",
        "de",
        "et",
        "ou",
        "en",
        "au",
        "aux",
        "dans",
        "sur",
        "pour",
        "avec",
        "par",
        "est",
        "sont",
        "etre",
        "a",
        "ont",
        "il",
        "elle",
        "ils",
        "elles",
        "vous",
        "votre",
        "vos",
        "nous",
        "notre",
        "nos",
        "je",
        "mon",
        "ma",
        "que",
        "qui",
        "ce",
        "cette",
        "ces",
        "si",
        "quand",
        "mais",
        "aussi",
        "tres",
        "plus",
        "comment",
        "ou",
        "pas",
        "ne",
        "y",
        "se",
        "el",
        "los",
        "las",
        "uno",
        "una",
        "unos",
        "y",
        "o",
        "del",
        "al",
        "con",
        "por",
        "para",
        "es",
        "son",
        "ser",
        "esta",
        "estan",
        "ha",
        "han",
        "su",
        "sus",
        "usted",
        "ustedes",
        "nosotros",
        "nuestro",
        "nuestra",
        "yo",
        "mi",
        "tu",
        "que",
        "cuando",
        "pero",
        "tambien",
        "solo",
        "muy",
        "mas",
        "como",
        "donde",
        "no",
        "lo",
        "il",
        "lo",
        "gli",
        "i",
        "un",
        "della",
        "dello",
        "delle",
        "dei",
        "di",
        "da",
        "nel",
        "nella",
        "e",
        "o",
        "con",
        "per",
        "sono",
        "essere",
        "ha",
        "hanno",
        "suo",
        "sua",
        "voi",
        "noi",
        "nostro",
        "che",
        "quando",
        "ma",
        "anche",
        "solo",
        "molto",
        "piu",
        "come",
        "dove",
        "non",
        "si",
        "het",
        "een",
        "de",
        "van",
        "naar",
        "op",
        "voor",
        "met",
        "door",
        "als",
        "zijn",
        "was",
        "wordt",
        "worden",
        "heeft",
        "hebben",
        "u",
        "uw",
        "wij",
        "ons",
        "onze",
        "ik",
        "je",
        "mijn",
        "dat",
        "die",
        "deze",
        "dit",
        "kunt",
        "kan",
        "wanneer",
        "maar",
        "ook",
        "alleen",
        "zeer",
        "meer",
        "hoe",
        "wat",
        "wie",
        "waar",
        "niet",
        "geen",
        "om",
        "te",
        "er",
    ]
)
_SIGNS = {
    "en": "the and is are you your we of to for with it not can within our i have do",
    "de": "der die das und ist sind sie wir ihr ihre nicht mit von fur ein eine wird haben konnen den dem bei auf im",
    "fr": "le la les des et est sont vous nous votre pour avec dans une pas du au nos sous votre",
    "es": "el los las y es son usted su para con una por del puede nuestro nuestra en la",
    "it": "il lo gli e sono per con una del della nel puo nostro di che non",
    "nl": "het een de en is zijn u uw wij voor met van niet op kunt onze binnen wordt",
}
_MARKS = {language: frozenset(words.split()) for language, words in _SIGNS.items()}


def language(words: Collection[str]) -> str | None:
    """The language that most of the folded ``words`` belong to; None where nothing tells."""
    counts = {each: sum(word in marks for word in words) for each, marks in _MARKS.items()}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else None


def number(word: str, told: str | None) -> int | None:
    """What a folded ``word`` counts in the language ``told``, in any where none is known."""
    value = NUMBERS[told].get(word) if told else None
    if value is not None or word in _ELSEWHERE:
        return value
    return _ANYWHERE.get(word)


_ANYWHERE = {word: value for each in reversed(LANGUAGES) for word, value in NUMBERS[each].items()}


def stem(word: str) -> str:
    """What a folded content word shares with its kin: its first five letters; shorter ones without a plural's end."""
    word = SAME.get(word) or OPPOSITES.get(word) or word
    if len(word) > 5:
        return word[:5]
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
