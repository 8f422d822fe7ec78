"""What visitors ask in a benchmark: paraphrases of the demo's FAQ, sorted by how sure the product will be of them."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

from engine.ports import Band
from knowledge.calibration import band, calibrate
from knowledge.demo import FILE
from knowledge.imports import parse
from knowledge.ranking import Document, build, rank

BEFORE = ("", "Hi, ", "Hello! ", "Quick question: ", "Please tell me, ", "Sorry to ask, but ", "I was wondering: ")
AFTER = ("", " Thanks!", " please", " (asking for my mother)", " I could not find it here.", " Thank you so much")
VAGUE = ("what about {}", "{} problem", "tell me more about {} and so on", "{} or not, for my friend in another town")


def sure(count: int) -> list[str]:
    """Up to ``count`` different texts that an entry answers by itself, in an order that is the same every time."""
    return _sorted_out(Band.SURE, _paraphrases(), count)


def between(count: int) -> list[str]:
    """Up to ``count`` different texts that the model is asked, grounded in entries."""
    return _sorted_out(Band.BETWEEN, _vague(), count)


def entries() -> int:
    return len(_documents())


def keep(texts: list[str], file: Path) -> Path:
    """``texts`` in a file that the client process reads."""
    file.write_text(json.dumps(texts))
    return file


def kept(file: str) -> list[str]:
    """What :func:`keep` wrote."""
    found: list[str] = json.loads(Path(file).read_text())
    return found


def _sorted_out(wanted: Band, texts: Iterator[str], count: int) -> list[str]:
    index = build(_documents())
    thresholds = calibrate(index)
    fitting = (text for text in texts if band(thresholds, rank(index, text)) is wanted)
    return list(itertools.islice(dict.fromkeys(fitting), count))


def _documents() -> list[Document]:
    drafts = [row.draft for row in parse(FILE.read_bytes()).rows]
    return [Document(str(i), (d.question, *d.alternatives), d.answer) for i, d in enumerate(drafts)]


def _paraphrases() -> Iterator[str]:
    phrasings = [phrasing for document in _documents() for phrasing in document.phrasings]
    made = [before + phrasing + after for phrasing in phrasings for before in BEFORE for after in AFTER]
    random.Random(1).shuffle(made)
    return iter(made)


def _vague() -> Iterator[str]:
    phrasings = [phrasing for document in _documents() for phrasing in document.phrasings]
    words = sorted({" ".join(phrasing.rstrip("?").split()[-2:]) for phrasing in phrasings})
    made = [vague.format(word) for vague in VAGUE for word in words]
    random.Random(1).shuffle(made)
    return iter(made)
