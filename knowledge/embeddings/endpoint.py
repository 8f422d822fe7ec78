"""Embeddings from any OpenAI-compatible endpoint. Nothing of what it says but numbers leaves this file (R8)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.embeddings.embedding import Failed, Matrix, unit
from knowledge.text import LONGEST_TEXT

BATCH = 64  # texts of one request: what every server known takes
CONNECT, TOTAL = 5.0, 30.0  # seconds for a connection, and for one request in all
LARGEST = 4_096  # numbers of a vector; more than any known model gives, and a bound on what is read
BODY = 64 * LARGEST * 24  # bytes of an answer at most: so many numbers, written out


class Endpoint:
    """An :class:`~knowledge.embeddings.embedding.Embedder` behind ``POST /embeddings``. Make it at start: the SDK's
    import takes 0.3 s. ``api_key`` None suits local servers that ask for none."""

    def __init__(self, *, model: str, base_url: str | None = None, api_key: str | None = None) -> None:
        import httpx2
        from openai import AsyncOpenAI

        self.model = model
        http = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity"},
            timeout=httpx2.Timeout(TOTAL, connect=CONNECT),
        )
        self._client = AsyncOpenAI(api_key=api_key or "none", base_url=base_url, max_retries=0, http_client=http)

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """One row a text, by one request for each :data:`BATCH` of them."""
        rows = [await self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        if len({part.shape[1] for part in rows}) > 1:
            raise Failed("vectors of different length came")
        return np.concatenate(rows) if rows else np.zeros((0, 0), np.float32)

    async def aclose(self) -> None:
        await self._client.close()

    async def _batch(self, texts: Sequence[str]) -> Matrix:
        import httpx2
        from openai import OpenAIError

        asked = [text[:LONGEST_TEXT] or " " for text in texts]
        try:
            async with asyncio.timeout(TOTAL):
                body = await self._read(asked)
        except (OpenAIError, httpx2.HTTPError, TimeoutError) as failed:
            raise Failed(f"the endpoint failed ({type(failed).__name__})") from None
        return unit(_rows(body, len(texts)), len(texts))

    async def _read(self, texts: Sequence[str]) -> Any:
        import json

        request = self._client.embeddings.with_streaming_response.create(
            model=self.model, input=list(texts), encoding_format="float"
        )
        async with request as response:
            read = bytearray()
            async for chunk in response.http_response.aiter_raw():
                read += chunk
                if len(read) > BODY:
                    raise Failed("the answer is too large")
        try:
            return json.loads(read)
        except (ValueError, RecursionError):
            raise Failed("the answer is no JSON") from None


def _rows(body: Any, count: int) -> list[Any]:
    """The vectors of an answer in the order of what was asked."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or len(data) != count:
        raise Failed(f"{count} vectors were asked for, and something else came")
    rows: dict[int, Any] = {}
    for place, each in enumerate(data):
        vector = each.get("embedding") if isinstance(each, dict) else None
        if not isinstance(vector, list) or not 0 < len(vector) <= LARGEST:
            raise Failed("an answer without a vector came")
        rows[each.get("index", place)] = vector
    if set(rows) != set(range(count)):
        raise Failed("vectors for other texts came")
    return [rows[place] for place in range(count)]
