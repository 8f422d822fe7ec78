"""What a number counts: money, shares, spans of time, measures, things. One unit for each family: "2 weeks" is 14 days,
a month is not 30 of them, and a working day is another thing than a day."""

from collections.abc import Sequence
from fractions import Fraction

from engine import clock
from engine.claims import Claim, Key, shown
from engine.cursor import Cursor
from engine.lexicon import table

Found = tuple[list[Claim], int]


def counted(here: Cursor, values: Sequence[Fraction], offset: int) -> Found | None:
    """What ``values``, which end before ``offset``, are by the words that follow, and where those end; None for bare
    numbers. All have the last one's unit ("2 to 3 days")."""
    offset += here.at(offset).text in ("-", ".")
    if here.at(offset).word in _AND and here.at(offset + 1).word in _ARTICLES and here.at(offset + 2).word in HALF:
        values, offset = [*values[:-1], values[-1] + Fraction(1, 2)], offset + 3  # "two and a half hours"
    elif values[-1] == 3 and here.at(offset).word in _QUARTERS:
        values, offset = [Fraction(3, 4)], offset + 1
        while here.at(offset).word in _OF:
            offset += 1
    word, text = here.at(offset).word, here.at(offset).text
    if text == "%" or word in _PERCENT:
        return _each("percent", values, ""), offset + 1
    if word in ("pour", "por", "per") and here.at(offset + 1).word in ("cent", "ciento", "cento"):
        return _each("percent", values, ""), offset + 2
    if (times := clock.after_numbers(here, values, offset)) is not None:
        return times
    if word in CURRENCIES:
        return prices(values, CURRENCIES[word]), offset + 1
    if word in _CENTS and values[-1] < 100:
        return prices([value / 100 for value in values], "*"), offset + 1
    return span(here, values, offset)


def money_first(here: Cursor, currency: str) -> Found | None:
    """ "$5", "EUR 5", "$5-10", "£2k"; None when no number follows the currency."""
    value = here.at(1).value
    if value is None:
        return None
    skip = int(here.at(3).word in CURRENCIES)
    other = here.at(3 + skip).value
    if here.at(2).word in _TO and other is not None and (skip or here.at(4).word not in SPANS):
        return prices([value, other], currency), 4 + skip
    if here.at(2).word in _THOUSANDS:
        return prices([value * _THOUSANDS[here.at(2).word]], currency), 3
    return prices([value], currency), 2


def part(here: Cursor, word: str) -> Found | None:
    """ "half an hour", "a quarter of an hour", "eine halbe Stunde"."""
    step = 1
    while here.at(step).word in _OF and step < 3:
        step += 1
    unit = here.at(step).word.removeprefix("d'")
    share = Fraction(1, 4) if word in QUARTER else Fraction(1, 2)
    if word == "viertelstunde":
        return _each("span", [Fraction(15)], "minute"), 1
    for units, name in ((SPANS, "minute"), (MONTH_SPANS, "month")):
        if unit in units:
            return _each("span", [share * Fraction(units[unit])], name), step + 1
    return None


def one(here: Cursor, word: str) -> Found | None:
    """ "within a week" says how long; "once a week" and "a day off" do not, but may support "7 days"."""
    found = span(here, [Fraction(1)], 1)
    if found is None or found[0][0].kind != "span":
        return None
    told = word == "one" or here.at(-1).word in _WITHIN
    return [claim._replace(soft=not told) for claim in found[0]], found[1]


def span(here: Cursor, values: Sequence[Fraction], offset: int) -> Found | None:
    """``values`` of a unit that stands at ``offset``, perhaps behind a word or two ("2 full days")."""
    loose = 0
    while loose < 2 and (here.at(offset + loose).word in _LOOSE or here.at(offset + loose).word in _WORKING):
        loose += 1
    end = offset + loose + 1
    working = any(here.at(offset + step).word in _WORKING for step in (*range(loose), loose + 1))
    word = here.at(offset + loose).word
    if word in WORKDAYS or (working and SPANS.get(word) == "1440"):
        return _each("span", values, "workday"), end
    if word in SPANS:
        return _each("span", [value * Fraction(SPANS[word]) for value in values], "minute"), end
    if word in MONTH_SPANS:
        return _each("span", [value * Fraction(MONTH_SPANS[word]) for value in values], "month"), end
    if word in AMOUNTS:
        return _each("amount", values, AMOUNTS[word]), end
    if word in COUNTS:
        return [_things(value, COUNTS[word]) for value in values], end
    if here.at(offset).text == "°":
        return _each("amount", values, f"°{here.at(offset + 1).word}"), offset + 2
    return None


def prices(values: Sequence[Fraction], currency: str) -> list[Claim]:
    """Prices in ``currency``, "*" where cents do not tell of what. A fact's price supports the bare number too."""
    return [
        claim._replace(also=(("number", claim.keys[0][2]), ("price", "*", claim.keys[0][2])))
        for claim in _each("price", values, currency)
    ]


def _each(kind: str, values: Sequence[Fraction], unit: str) -> list[Claim]:
    return [Claim(kind, ((kind, unit, shown(value)),)) for value in values]


def _things(value: Fraction, thing: str) -> Claim:
    """So many of something that has other names too: a fact's bare number is support, one of other things is not."""
    keys: tuple[Key, ...] = (("amount", thing, shown(value)), ("bare", shown(value)))
    return Claim("amount", keys, (("number", shown(value)),))


# Data -----------------------------------------------------------------------------------------------------------------

HALF = frozenset(
    """
    half halbe halben halber halbes demi demie media medio mezza mezzo mezz' half halve
    """.split()
)
QUARTER = frozenset(("quarter", "viertel", "quart", "cuarto", "quarto", "kwart", "kwartier", "viertelstunde"))
SPANS = table("""
1/60: second seconds sec secs sekunde sekunden seconde secondes segundo segundos secondo secondi seconden;
1: minute minutes min mins minuten minuto minutos minuti minuut 分 分钟 分間;
60: hour hours hr hrs h stunde stunden std heure heures hora horas ora ore uur uren 小时 時間;
1440: day days tag tage tagen tages jour jours dia dias giorno giorni dag dagen 日 天 日間;
10080: week weeks woche wochen semaine semaines semana semanas settimana settimane weken 周 週 週間;
""")
MONTH_SPANS = table("""
1: month months monat monate monaten monats mois mes meses mese mesi maand maanden 个月 ヶ月 か月;
12: year years yr yrs jahr jahre jahren ans an annee annees ano anos anno anni jaar jaren 年;
""")
WORKDAYS = frozenset(
    """
    werktag werktage werktagen arbeitstag arbeitstage arbeitstagen bankarbeitstage werkdag werkdagen
    bankarbeitstagen 营业日 営業日 工作日
    """.split()
)
_WORKING = frozenset(
    """
    business working ouvres ouvrables ouvrable ouvre habiles laborables habil laborable lavorativi lavorativo
    feriali banking weekday
    """.split()
)
_LOOSE = frozenset(
    """
    full whole calendar consecutive more additional extra volle ganze vollen weitere further free kostenlose of
    full-time kalender
    """.split()
)
AMOUNTS = table("""
kg: kg kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramos; g: g gram grams gramm grammes gramos;
lb: lb lbs; oz: oz ounce ounces; km: km kilometer kilometers kilometre kilometres kilometern kilometros;
mile: mile miles; m: m meter meters metre metres metern metros; cm: cm centimeter centimetre zentimeter centimetres;
mm: mm millimeter millimetre; inch: inch inches zoll; l: l litre litres liter liters litros; ml: ml;
kb: kb; mb: mb megabyte megabytes; gb: gb gigabyte gigabytes; tb: tb terabyte terabytes; mbit: mbps mbit;
kwh: kwh; kw: kw; w: w watt watts; v: v volt volts; px: px pixel pixels; mg: mg milligram milligrams; mp: mp megapixel;
mah: mah; hz: hz; ghz: ghz; mhz: mhz;
""")
COUNTS = table("""
user: user users benutzer nutzer utilisateur utilisateurs usuario usuarios utenti gebruikers;
device: device devices gerat gerate geraten appareil appareils dispositivo dispositivos dispositivi apparaten;
point: point points punkt punkte punkten punto puntos punti punten; star: star stars sterne etoiles estrellas;
night: night nights nacht nachte nachten nuit nuits noche noches notte notti nachten;
guest: guest guests gast gaste gasten huesped huespedes ospiti; page: page pages seite seiten paginas pagina;
employee: employee employees mitarbeiter employes empleados; floor: floor floors stock etage piso;
""")
CURRENCIES = table("""
EUR: € eur euro euros; USD: $ usd dollar dollars us$ dolar dolares dollari; GBP: £ gbp quid sterling;
CHF: chf sfr franken; JPY: ¥ jpy yen 円; CNY: cny rmb yuan 元; INR: ₹ inr rupees; PLN: pln zł zl zloty;
SEK: sek; NOK: nok; DKK: dkk; CAD: cad ca$; AUD: aud au$; KR: kr kronor kroner; RUB: ₽ rub; TRY: ₺ try; KRW: ₩ won;
GBP: pound pounds pfund livres libras;
""")
_CENTS = frozenset(
    """
    cent cents ct centime centimes centimos centesimi pence p
    """.split()
)
_PERCENT = frozenset(("percent", "prozent", "procent", "procento"))
_THOUSANDS = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_AND = frozenset(("and", "und", "et", "y", "e"))
_ARTICLES = frozenset(("a", "one", "eine", "demi"))
_QUARTERS = frozenset(("quarters", "viertel", "quarts"))
_OF = frozenset(("a", "an", "of", "d'", "de", "une", "un"))
_TO = frozenset(("-", "–", "to", "bis", "and"))
_WITHIN = frozenset(
    """
    within in takes take after for least most than about under to around only inside last lasts every up
    approximately innerhalb binnen nach dauert fur circa etwa rund unter uber maximal mindestens hochstens en dans
    sous pendant apres moins environ sur tras durante menos dentro unos entro circa per almeno na duurt ongeveer
    minimaal maximaal
    """.split()
)
