"""Messages that lean on what was said before ("and on Sunday?", "how much is it?"). Pure; never raises on any ``str``.

A message leans if it opens like a continuation, if it points back with a pronoun, or if it has no word of its own.
One that leans is ranked twice, alone and together with the question it continues; :func:`combined` weighs the two by
how much the message says itself, so that "what about returns?" gets away from delivery and "how long?" does not. A
message that stands on its own is never ranked with an older one.

The word lists hold English, German, French, Spanish, Italian, Portuguese and Dutch, and of Russian, Polish, Turkish,
Arabic, Chinese, Japanese, Korean and Thai what opens, closes or points. One list serves all: what a visitor writes
in need not be the domain's language.
"""

import re
from collections.abc import Sequence

from knowledge.ranking import Candidate, Ranking
from knowledge.text import STOP_WORDS, is_unspaced, normalise

MOST_EARLIER = 3  # questions looked back at: further back the topic has nearly always changed
MOST_OWN = 3  # words of its own up to which a message with a pronoun leans
MOST_FRAGMENT = 4  # words, all told, of a fragment such as "for children?" or "zu zweit?"
MOST_UNSPACED = 12  # characters up to which a pronoun leans in scripts without spaces


def _set(listed: str) -> frozenset[str]:
    return frozenset(normalise(listed).split())


_OPENERS = re.compile(  # on normalised text: no accents, no apostrophes
    "(?:"
    "and|but|also|plus|or|then|so then|ok and|what about|how about|what of|what if|same|else|anything else|why not"
    "|und|aber|auch|oder|sonst|was ist mit|wie ist es mit|wie sieht es|wie siehts|und wie|dann|warum nicht"
    "|et|mais|aussi|ou bien|ou alors|sinon|quen est il|pareil|et si|pourquoi pas"
    "|y|pero|tambien|entonces|o sea|que tal|que hay|que pasa si|y si|por que no"
    "|e|ed|ma perche|ma se|anche|oppure|invece|e se|che mi dici|perche no"
    "|mas|tambem|entao|ou entao|e quanto|e se|por que nao"
    "|en|maar|ook|of|dan|hoe zit het|en als|waarom niet"
    "|а|и|но|также|а если|тогда|ale|peki|ama|ve|وماذا|وهل|ولكن|그럼|그리고|그러면|근데"
    ")(?= )"
)
_UNSPACED_OPENERS = re.compile(
    "那么|那麼|那|还有|還有|另外|然后|然後|では|じゃあ|じゃ|それ|その|あと|ちなみに|でも|แล้ว|และ|แต่"
)
_UNSPACED_ENDS = re.compile("(?:呢|は|ล่ะ|ละ)$")
_UNSPACED_BACK = re.compile("它|这个|這個|那个|那個|这些|那些|これ|それ|あれ|มัน|อันนี้|อันนั้น|นี้")
_NOT_AND = re.compile(
    "\\W*[\u00e9\u00e8\u00c9\u00c8] "
)  # "é" and "è" say "is"; without their accents they would say "and"
_SPACED_ENDS = re.compile("(?:은요|는요)$")

_BACK = _set(
    """it they them those these that this ones one its their there
    das dies dieses diese dieser dafur damit davon dazu daran darauf daruber dort ihn ihm ihnen welche
    ca cela celui celle ceux celles ceci elle elles lequel laquelle
    eso esto esos esas ellos ellas aquel aquello alli
    questo questa questi queste quello quella quelli quelle esso essa essi
    isso isto esse esses essa essas dele dela deles delas aquilo
    dat dit deze ze hem daarvoor daarmee daarvan daar
    это этот эта эти он она они его ее их там tego bunu onu هذا هذه ذلك 그거 그건 이거 이건"""
)
_POINTED_AT = _set(  # after these a "that" or "this" points at what is named next, and "it" at what follows
    "it that this those these das dies dieses diese dieser questo questa quello quella isso esse essa dat dit deze"
)
_PREPOSITIONS = _set(
    """on at in for to from with without by via after before during until within outside
    am an im in fur zu zum zur nach von vom mit ohne bei ab bis per vor wahrend ausserhalb
    a au aux en pour de du avec sans par chez apres avant pendant depuis
    al para por con sin desde hasta despues antes durante
    per da dal dalla con senza dopo prima durante nel nella
    em no na nos nas do da com sem apos depois antes
    op voor naar van met zonder bij na tot tijdens
    на в для к из с без после до по при"""
)
_EMPTY = (
    STOP_WORDS
    | _BACK
    | _PREPOSITIONS
    | _set(
        """a do does is was much many long far often soon more else same yes no not also then than and but
        der die das den dem des ein eine einen einem einer ist sind war kann konnen ich wir ihr man wie was wann wo wer
        warum wieso wieviel viel viele lange oft weit es gibt geht kostet hat habe haben und oder aber auch noch nicht
        ja nein mir mich bitte denn mal
        le la les un une des est sont je tu il nous vous on que quoi qui quand ou comment combien pourquoi y si ne pas
        oui non ce cest se me te sil plait encore quel quelle quels quelles et faire faut temps cher
        el los las unos unas es son yo mi tu nos que cuando donde como cuanto cuanta cuantos cuantas cual cuales
        quien porque hay se lo le si no y o pero tambien mas puedo tiempo cuesta
        il lo gli i uno ed e sono io mi ti ci si che cosa quando dove come quanto quanta quanti quante quale chi
        perche ce posso anche ma piu costa tempo
        os as um uma eu me voce nos se que quando onde quanto quanta quantos quantas qual quais quem por ha tem posso
        tambem mas mais custa tempo
        de het een is zijn ik wij je jij u men hoe wat wanneer waar wie waarom hoeveel lang vaak er kan kost ook maar
        en of niet nog tijd
        я мы вы как что когда где кто почему сколько есть ли у это а и но не"""
    )
)
_SMALL_TALK = _set(
    """hi hello hey thanks thank you ok okay bye goodbye great good fine cool nice perfect yes no please sure morning
    afternoon evening welcome hallo guten tag morgen abend danke schon gut super ja nein tschuss bitte bonjour salut
    merci bien parfait oui non hola gracias vale bueno buenos buenas dias tardes si ciao grazie buongiorno bene va ola
    obrigado obrigada bom boa dia tarde tudo hoi dank je wel bedankt goed prima so much very a lot
    привет спасибо здравствуйте да нет"""
)


def leans(text: str) -> bool:
    """Whether ``text`` can hardly be understood without what was said before it."""
    normal = normalise(text)
    words = normal.split()
    if not words or all(word in _SMALL_TALK for word in words):
        return False
    if is_unspaced(words[0]) or is_unspaced(words[-1]):
        return _leans_unspaced(words[0], words[-1], len(normal))
    if (_OPENERS.match(normal + " ") and not _NOT_AND.match(text)) or _SPACED_ENDS.search(normal):
        return True
    own = _own(words)
    if not own or (words[0] in _PREPOSITIONS and len(words) <= MOST_FRAGMENT and len(own) <= 2):
        return True
    return len(own) <= MOST_OWN and any(_points_back(words, i, len(own)) for i in range(len(words)))


def joined(text: str, earlier: Sequence[str]) -> str:
    """``text`` after what it continues: of ``earlier`` (the visitor's questions, newest first) the newest that stands
    on its own and those since; small talk left out, at most :data:`MOST_EARLIER` looked at. Of those only the words
    that carry something: asked again whole, the old question would find its own entry and no other."""
    before: list[str] = []
    for question in earlier[:MOST_EARLIER]:
        words = normalise(question).split()
        if not words or all(word in _SMALL_TALK for word in words):
            continue
        before.insert(0, " ".join(word for word in words if word not in _EMPTY))
        if not leans(question):
            break
    return " ".join([*filter(None, before), text])


def combined(text: str, alone: Ranking, together: Ranking) -> Ranking:
    """The ranking of a leaning ``text`` from those of it ``alone`` and of it :func:`joined`: each entry's score and
    likeness are the mean of both, and the more words of its own ``text`` has, the more ``alone`` counts."""
    own = len(_own(normalise(text).split()))
    share = (own + 1) / (own + 3)  # a third even without any: "how much" alone tells the price from the delivery
    if not alone.candidates:
        return together
    if not together.candidates:
        return alone
    first, second = ({c.id: c for c in ranking.candidates} for ranking in (alone, together))
    floors = [min(c.score for c in ranking.candidates) for ranking in (alone, together)]
    found = [
        _mean(first.get(i, Candidate(i, floors[0], 0.0)), second.get(i, Candidate(i, floors[1], 0.0)), share)
        for i in dict.fromkeys([*first, *second])
    ]
    return Ranking(tuple(sorted(found, key=lambda candidate: -candidate.score)))


def _mean(alone: Candidate, together: Candidate, share: float) -> Candidate:
    score = share * alone.score + (1 - share) * together.score
    return Candidate(alone.id, score, share * alone.likeness + (1 - share) * together.likeness)


def _own(words: Sequence[str]) -> list[str]:
    """The words that carry what ``words`` are about; characters, in scripts without spaces between words."""
    return [
        part
        for word in words
        if word not in _EMPTY
        for part in (word[: len(word) // 2] if is_unspaced(word) else [word])
    ]


def _points_back(words: Sequence[str], at: int, own: int) -> bool:
    """Whether the word at ``at`` is a pronoun for something said before, not for what this message goes on to say
    ("is it possible to …", "this jacket")."""
    if words[at] not in _BACK:
        return False
    rest = words[at + 1 :]
    if words[at] == "it":
        return not ({"to", "if", "that"} & set(rest[:-1]))
    return own == 1 or words[at] not in _POINTED_AT or not rest or rest[0] in _EMPTY


def _leans_unspaced(first: str, last: str, length: int) -> bool:
    if _UNSPACED_OPENERS.match(first) or _UNSPACED_ENDS.search(last):
        return True
    return length <= MOST_UNSPACED and _UNSPACED_BACK.search(first + last) is not None
