"""Entries that ask the same and answer differently, and entries that say the same twice. Pure.

Two entries ask the same when some phrasing of the one is some phrasing of the other but for small words, endings,
order and slips: "How long does *express* delivery take?" is another question than "How long does delivery take?", and
so is "*Where* can I return it?" than "*How* can I return it?". An owner who is shown nonsense stops looking.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from knowledge import claims, likeness, spelling, text
from knowledge.claims import Difference
from knowledge.text import language_of

NEAR = 0.45  # likeness of two phrasings below which they are not looked at
UNSPACED = 0.8  # where there are no words to compare, likeness alone decides
SURE = 0.9  # likeness below which answers that have nothing in common mean that the questions have not either
MOST_PAIRS = 20_000  # of phrasings that are looked at, the most alike first
MOST_FOUND = 200  # told: nobody goes through more in one sitting

# Words that make no question another one; the second ones where a price is asked for anyway.
_LIGHT = frozenset({
    "item", "items", "product", "products", "thing", "things", "stuff", "purchase", "article", "articles", "company",
    "shop", "store",
})  # fmt: skip
_PRICE = frozenset(["cost", "costs", "price", "prices", "priced", "charge", "fee", "fees", "expensive"])
_KINDS = (  # what is asked for, by how the question begins; the first that fits
    ("how much", ("how much ", "what does ", "what is the price ", "whats the price ", "price of ", "cost of ")),
    ("how many", ("how many ",)),
    ("how long", ("how long ", "how soon ", "how fast ", "how quickly ")),
    ("how often", ("how often ",)),
    ("when", ("when ", "what time ", "what day ", "at what time ")),
    ("where", ("where ",)),
    ("who", ("who ", "whom ", "whose ")),
    ("why", ("why ", "how come ")),
    ("how", ("how ",)),
    ("what", ("what ", "which ", "whats ")),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """An entry as it is compared: its id, its question and alternatives, its answer, its locale."""

    id: str
    phrasings: tuple[str, ...]
    answer: str
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Twins:
    """Two entries that ask the same (``first`` < ``second``), the phrasings that show it and how alike those are (0 to
    1). ``difference``: where the answers part, in the order of the ids; None where they say the same."""

    first: str
    second: str
    asked: tuple[str, str]
    likeness: float
    difference: Difference | None

    @property
    def disagree(self) -> bool:
        return self.difference is not None


def twins(statements: Sequence[Statement], *, but: Collection[tuple[str, str]] = ()) -> list[Twins]:
    """The pairs that ask the same, those that disagree first, at most :data:`MOST_FOUND`; ``but`` are pairs of ids
    (first < second) that somebody looked at already."""
    looked_at, found = set(but), []
    for i, j, asked, near in _asking_the_same(statements):
        one, other = sorted((statements[i], statements[j]), key=lambda statement: statement.id)
        if (one.id, other.id) not in looked_at:
            words = asked if one is statements[i] else (asked[1], asked[0])
            parted = claims.difference(one.answer, other.answer)
            if parted is not None and parted.kind == "substance" and near < SURE:
                continue
            if parted is not None or claims.same(one.answer, other.answer):
                found.append(Twins(one.id, other.id, words, near, parted))
    found.sort(key=lambda pair: (not pair.disagree, -pair.likeness, pair.first, pair.second))
    return found[:MOST_FOUND]


def same_question(first: str, second: str, language: str | None = "english") -> bool:
    """Whether two phrasings, known to be alike, ask the same."""
    return _same(_read(first, language), _read(second, language))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A phrasing taken apart: its words as they are compared, what kind of thing it asks for, what carries it."""

    plain: str
    kind: str
    content: frozenset[str]
    unspaced: bool


def _asking_the_same(statements: Sequence[Statement]) -> Iterator[tuple[int, int, tuple[str, str], float]]:
    """The pairs of statements, each once, with the most alike phrasings that ask the same."""
    owners = [i for i, statement in enumerate(statements) for _ in statement.phrasings]
    asked = [phrasing for statement in statements for phrasing in statement.phrasings]
    if len(statements) < 2:
        return
    languages = [language_of(statement.locale) for statement in statements]
    first, second, near = likeness.pairs(likeness.compared(asked), NEAR)
    order = (-near).argsort(kind="stable")[:MOST_PAIRS].tolist()
    seen: set[tuple[int, int]] = set()
    read: dict[int, _Asked] = {}
    for place in order:
        a, b = int(first[place]), int(second[place])
        i, j = owners[a], owners[b]
        if i == j or (i, j) in seen or languages[i] != languages[j]:
            continue
        for row in (a, b):
            if row not in read:
                read[row] = _read(asked[row], languages[owners[row]])
        alike, unspaced = float(near[place]), read[a].unspaced or read[b].unspaced
        if alike >= UNSPACED if unspaced else _same(read[a], read[b]):
            seen.add((i, j))
            yield i, j, (asked[a], asked[b]), alike


def _same(first: _Asked, second: _Asked) -> bool:
    if not first.content or not second.content:
        return first.plain == second.plain
    if first.kind != second.kind and first.kind and second.kind:
        return False
    missing, extra = first.content - second.content, second.content - first.content
    return len(missing) == len(extra) and all(_slip(word, extra) for word in missing)


def _read(phrasing: str, language: str | None) -> _Asked:
    plain = text.normalise(phrasing)
    kind = _kind(plain)
    light = text.STOP_WORDS | _LIGHT | (_PRICE if kind == "how much" else frozenset())
    content = frozenset(text.stem(word, language) for word in text.words(plain) if word not in light)
    return _Asked(plain, kind, content, any(text.is_unspaced(word) for word in plain.split()))


def _kind(plain: str) -> str:
    """What the question asks for; empty where it asks whether, or does not say: that goes with all the others."""
    opening = f"{plain} "
    return next((kind for kind, starts in _KINDS if opening.startswith(starts)), "")


def _slip(word: str, others: frozenset[str]) -> bool:
    return spelling.repaired(spelling.learn(dict.fromkeys(others, 1)), word) is not None
