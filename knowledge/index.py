"""Entries made ready for ranking: ``build`` an index of them once, have it ``changed`` as they change. Pure.

What an index was built from stays as it is, shared by all indexes changed from it: entries removed since are only
marked, entries added since are few and kept apart, with the weights that words had when all was built. So a change
costs what is changed, is seen by the next question, and an owner builds anew, at leisure, when ``stale`` has grown.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge import blend, features, postings
from knowledge.logistic import Matrix
from knowledge.postings import Rows
from knowledge.text import language_of

SMALL = 1_200  # phrasings: an index up to here is built anew in a tenth of a second, so after every change
ANSWER_WORDS = 60  # of an answer are looked at: what it is about is said there


@dataclass(frozen=True, slots=True)
class Document:
    """What is ranked: an entry's id, its question and alternatives, its answer and, where they are computed, the
    embeddings of its phrasings (one row of length 1 each, in their order, all of one model)."""

    id: str
    phrasings: tuple[str, ...]
    answer: str = ""
    vectors: Matrix | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Entries made ready for ranking. ``rows`` holds the phrasings, grouped by entry in order, then one answer an
    entry; ``later`` those of the entries added since. Phrasings are numbered through both: ``owners`` says which entry
    each is of, by its place in ``ids``; ``starts`` and ``counts``, which are an entry's. ``alive``: entries that are
    not removed. ``spreads``: the length of the mean of an entry's phrasings, by words and with meaning."""

    ids: tuple[str, ...]
    lexicon: features.Lexicon
    rows: Rows
    later: Rows | None
    owners: NDArray[np.int32]
    starts: NDArray[np.intp]
    counts: Matrix
    alive: NDArray[np.bool_]
    spreads: Matrix
    blended_spreads: Matrix | None
    vectors: blend.Vectors | None  # None where no phrasing has one
    semantic: bool  # whether every phrasing has a vector
    places: Mapping[str, int]  # of the entries built from, in ``ids``
    kernel: Matrix | None  # the cosines of the phrasings it was built from, where those are few
    added: tuple[Document, ...]
    stale: int  # phrasings added and removed since everything was last learnt anew

    @property
    def built(self) -> int:
        """How many phrasings are those it was built from; they come first."""
        return len(self.rows.starts) - 1

    @property
    def living(self) -> NDArray[np.intp]:
        """The phrasings of entries that are not removed."""
        return np.flatnonzero(self.alive[self.owners])


def build(documents: Sequence[Document], locale: str = "en") -> Index:
    """The index of ``documents``; those without any phrasing are left out. 1,000 entries of 3 phrasings take 0.15 s,
    100,000 ten seconds."""
    documents = _usable(documents)
    phrasings = [p for document in documents for p in document.phrasings if p.strip()]
    lexicon, rows = postings.learnt(phrasings, [_gist(d.answer) for d in documents], language_of(locale))
    counts = _counts(documents)
    owners = np.repeat(np.arange(len(documents), dtype=np.int32), counts)
    starts = (np.cumsum(counts) - counts).astype(np.intp)
    vectors = blend.gathered([(d.phrasings, d.vectors) for d in documents])
    sizes = counts.astype(np.float32)
    by_words = postings.spreads(rows, lexicon, owners, sizes)
    ids = tuple(document.id for document in documents)
    return Index(
        ids=ids,
        lexicon=lexicon,
        rows=rows,
        later=None,
        owners=owners,
        starts=starts,
        counts=sizes,
        alive=np.ones(len(ids), np.bool_),
        spreads=by_words,
        blended_spreads=None if vectors is None else blend.spreads(vectors, by_words, starts, sizes),
        vectors=vectors,
        semantic=vectors is not None and bool(vectors.known.all()),
        places={entry: place for place, entry in enumerate(ids)},
        kernel=_all_pairs(rows, lexicon) if len(owners) <= SMALL else None,
        added=(),
        stale=0,
    )


def changed(index: Index, added: Sequence[Document], removed: Collection[str]) -> Index:
    """``index`` without the entries ``removed`` (ids; unknown ones are no matter) and with those ``added``; an edited
    entry is both. ``index`` itself stays as it was. How rare words are is as it was when all was built."""
    gone = set(removed)
    built = len(index.places)
    alive = index.alive[:built].copy()
    leaving = [place for place in (index.places.get(entry, -1) for entry in gone) if place >= 0 and alive[place]]
    alive[leaving] = False
    kept = [document for document in index.added if document.id not in gone]
    left = sum(int(index.counts[place]) for place in leaving)
    left += int(_counts(document for document in index.added if document.id in gone).sum())
    new = _usable(added)
    stale = index.stale + left + int(_counts(new).sum())
    return _with_added(replace(index, stale=stale), alive, [*kept, *new])


def nbytes(index: Index) -> int:
    """How much memory ``index`` takes, in bytes, within a tenth or so; what it shares with others counted in full."""
    lexicon = index.lexicon
    arrays: list[NDArray[np.generic]] = [index.owners, index.starts, index.counts, index.alive, index.spreads]
    arrays += [lexicon.weights, lexicon.is_gram]
    if index.kernel is not None:
        arrays.append(index.kernel)
    if index.vectors is not None:
        arrays += [*index.vectors.matrices, index.vectors.known]
    words = 0
    for speller in lexicon.spellers:
        arrays += [speller.hashes, speller.owners]
        words += len(speller.words)
    names = len(lexicon.ids) + len(lexicon.fresh)
    rows = index.rows.nbytes + (index.later.nbytes if index.later is not None else 0)
    held = sum(array.nbytes if array.strides[:1] != (0,) else 0 for array in arrays)
    return rows + held + 150 * names + 100 * words + 180 * len(index.ids) + 20_000


def cosines(index: Index, vector: features.Vector) -> Matrix:
    """The cosine of a vector with all phrasings, then with the answer of every entry; 0 for removed ones."""
    near = postings.cosines(index.rows, index.lexicon, vector)
    size = index.built
    if index.later is None:
        return near if index.stale == 0 else near * _alive(index)
    later = postings.cosines(index.later, index.lexicon, vector)
    more = len(index.later.starts) - 1
    return np.concatenate([near[:size], later[:more], near[size:], later[more:]]) * _alive(index)


def likeness_of(index: Index, row: int, semantic: bool = False) -> Matrix:
    """How like the phrasing in ``row`` is to every phrasing and then every answer, its own included: by words, or, if
    ``semantic`` and it has a vector, by words and meaning."""
    first = row < index.built or index.later is None
    rows = index.rows if first or index.later is None else index.later
    vector = postings.vector_of(rows, index.lexicon, row if first else row - index.built)
    likeness = cosines(index, vector)
    if semantic and index.vectors is not None and index.vectors.known[row]:
        return blend.blended(index.vectors, likeness, index.vectors.of(np.array([row], np.intp))[0])
    return likeness


def kernel(index: Index, rows: NDArray[np.intp]) -> Matrix:
    """The cosines, by words, of the phrasings in ``rows`` with one another."""
    early = rows < index.built
    if index.kernel is not None and early.all():
        return index.kernel[rows[:, None], rows]
    parts = [postings.entries_of(index.rows, index.lexicon, rows[early])]
    places = [np.flatnonzero(early)]
    if index.later is not None and not early.all():
        parts.append(postings.entries_of(index.later, index.lexicon, rows[~early] - index.built))
        places.append(np.flatnonzero(~early))
    at = np.concatenate([place[number] for place, (number, _, _) in zip(places, parts, strict=True)])
    used, column = np.unique(np.concatenate([ids for _, ids, _ in parts]), return_inverse=True)
    dense = np.zeros((len(rows), len(used)), np.float32)
    dense[at, column] = np.concatenate([weights for _, _, weights in parts])
    return np.asarray(dense @ dense.T, np.float32)


def _all_pairs(rows: Rows, lexicon: features.Lexicon) -> Matrix:
    total = len(rows.starts) - 1
    found = [postings.cosines(rows, lexicon, postings.vector_of(rows, lexicon, row))[:total] for row in range(total)]
    return np.array(found, np.float32).reshape(total, total)


def _with_added(index: Index, alive: NDArray[np.bool_], documents: Sequence[Document]) -> Index:
    """``index`` with ``documents`` as all that was added since it was built."""
    built, size = len(index.places), index.built
    lexicon, later = index.lexicon, None
    if documents:
        phrasings = [p for document in documents for p in document.phrasings if p.strip()]
        texts = [*phrasings, *(_gist(document.answer) for document in documents)]
        lexicon = features.extended(lexicon, features.counted(texts))
        found = [features.ids_of(lexicon, written) for written in texts]
        starts = np.concatenate([[0], np.cumsum([len(ids) for ids in found])])
        later = postings.rows_of(lexicon, starts, np.concatenate(found), len(phrasings))
    more = _counts(documents)
    owners = np.repeat(np.arange(len(documents), dtype=np.int32), more)
    sizes = more.astype(np.float32)
    by_words = index.spreads[:built]
    if later is not None:
        by_words = np.concatenate([by_words, postings.spreads(later, lexicon, owners, sizes)])
    vectors = blend.followed(index.vectors, size, [(d.phrasings, d.vectors) for d in documents])
    result = replace(
        index,
        ids=(*index.ids[:built], *(document.id for document in documents)),
        lexicon=lexicon,
        later=later,
        owners=np.concatenate([index.owners[:size], owners + built]).astype(np.int32),
        starts=np.concatenate([index.starts[:built], size + np.cumsum(more) - more]).astype(np.intp),
        counts=np.concatenate([index.counts[:built], sizes]),
        alive=np.concatenate([alive, np.ones(len(documents), np.bool_)]),
        spreads=by_words,
        vectors=vectors,
        added=tuple(documents),
    )
    return _with_meaning(result, index)


def _with_meaning(index: Index, before: Index) -> Index:
    """``index`` with what follows from its vectors; ``before``: the one it was changed from."""
    vectors = index.vectors
    if vectors is None:
        return replace(index, blended_spreads=None, semantic=False)
    built, size = len(index.places), index.built
    semantic = bool(vectors.known[index.living].all())
    first = before.blended_spreads[:built] if before.blended_spreads is not None else index.spreads[:built]
    if len(vectors.matrices) > 1 and len(index.ids) > built:
        added = blend.Vectors(vectors.matrices[1:], vectors.known[size:])
        more = blend.spreads(added, index.spreads[built:], index.starts[built:] - size, index.counts[built:])
        first = np.concatenate([first, more])
    return replace(index, blended_spreads=first, semantic=semantic)


def _alive(index: Index) -> NDArray[np.bool_]:
    return np.concatenate([index.alive[index.owners], index.alive])


def _usable(documents: Sequence[Document]) -> list[Document]:
    return [document for document in documents if any(p.strip() for p in document.phrasings)]


def _counts(documents: Iterable[Document]) -> NDArray[np.int64]:
    return np.array([sum(1 for p in document.phrasings if p.strip()) for document in documents], np.int64)


def _gist(answer: str) -> str:
    return " ".join(answer.split(maxsplit=ANSWER_WORDS)[:ANSWER_WORDS])
