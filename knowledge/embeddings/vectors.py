"""Vectors that were computed once, kept by the SHA-256 of their text; and the job that computes what is lacking.

They belong to a workspace and a model: two models' vectors are never read together.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.embeddings.embedding import Matrix
from knowledge.models import Embedding
from knowledge.text import LONGEST_TEXT

AT_ONCE = 500  # hashes in one statement

Known = Mapping[str, Matrix]
"""Vectors (one row of length 1, float32) by the hash of their text."""


def content_hash(text: str) -> str:
    """The name of a text's vector: of what of it is looked at."""
    return hashlib.sha256(text[:LONGEST_TEXT].encode("utf-8", "surrogatepass")).hexdigest()


def of(known: Known, phrasings: Sequence[str]) -> Matrix | None:
    """The vectors of an entry's phrasings, one row each; None unless all are known."""
    found = [known.get(content_hash(phrasing)) for phrasing in phrasings]
    rows = [row for row in found if row is not None]
    return np.stack(rows) if rows and len(rows) == len(found) else None


async def stored(session: AsyncSession, workspace_id: str, model: str, texts: Iterable[str]) -> dict[str, Matrix]:
    """What is known of ``texts``, by hash."""
    wanted = list(dict.fromkeys(map(content_hash, texts)))
    known: dict[str, Matrix] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        mine = (Embedding.workspace_id == workspace_id, Embedding.model == model, Embedding.content_hash.in_(some))
        rows = await session.execute(select(Embedding.content_hash, Embedding.vector).where(*mine))
        known |= {name: np.frombuffer(vector, "<f4").astype(np.float32) for name, vector in rows.all()}
    return known


async def keep(session: AsyncSession, workspace_id: str, model: str, texts: Sequence[str], matrix: Matrix) -> None:
    """Store the rows of ``matrix`` as the vectors of ``texts``; one that is there already stays."""
    rows: dict[str, dict[str, Any]] = {
        (name := content_hash(text)): {
            "workspace_id": workspace_id,
            "model": model,
            "content_hash": name,
            "dimension": matrix.shape[1],
            "vector": row.astype("<f4").tobytes(),
        }
        for text, row in zip(texts, matrix, strict=True)
    }
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Embedding).on_conflict_do_nothing(index_elements=["workspace_id", "model", "content_hash"])
    if rows:
        await session.execute(statement, list(rows.values()))
