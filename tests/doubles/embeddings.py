"""An OpenAI-compatible ``/embeddings`` endpoint whose vectors mean something: words of one meaning share a direction.

``behave`` makes it fail in the ways that endpoints are known to; ``asked`` holds the texts of each request.
"""

import asyncio
import contextlib
import hashlib
import json
import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.serving import served

SECRET = "sk-upstream-secret"  # stands in every error; must never be seen on our side
SIZE = 32
MEANINGS = {"pram": "stroller", "buggy": "stroller", "cash": "money", "dough": "money", "puppy": "dog", "hound": "dog"}


@dataclass(slots=True)
class Embeddings:
    """``behave``: ok, 500, 401, hang, garbage, short, long, nan, zero, strings, reordered, none or redirect."""

    base_url: str
    behave: str = "ok"
    asked: list[list[str]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def endpoint() -> AsyncIterator[Embeddings]:
    double = Embeddings("")

    async def embeddings(request: Request) -> Response:
        body = await request.json()
        double.asked.append(body["input"])
        return await _answer(double.behave, body)

    app = Starlette(routes=[Route("/v1/embeddings", embeddings, methods=["POST"])])
    async with served(app) as address:
        double.base_url = f"http://{address}/v1"
        yield double


async def _answer(behave: str, body: dict[str, Any]) -> Response:
    if behave.isdigit():
        return JSONResponse({"error": {"message": f"no {SECRET}"}}, int(behave))
    if behave == "hang":
        await asyncio.sleep(60)
    if behave == "garbage":
        return PlainTextResponse(f"{{{SECRET}")
    if behave == "redirect":
        return Response(status_code=307, headers={"location": "http://127.0.0.1:1/elsewhere"})
    rows = [vector(text) for text in body["input"]]
    data: list[dict[str, Any]] = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
    match behave:
        case "short":
            data[-1]["embedding"] = data[-1]["embedding"][:-1]
        case "long":
            data = data * 2
        case "nan":
            data[0]["embedding"][0] = float("nan")
        case "zero":
            data[0]["embedding"] = [0.0] * SIZE
        case "strings":
            data[0]["embedding"] = ["a"] * SIZE
        case "reordered":
            data.reverse()
        case "none":
            data[0]["embedding"] = None
    answer = {"object": "list", "model": body["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return Response(json.dumps(answer), media_type="application/json")


def vector(text: str) -> list[float]:
    """The sum of the directions of the text's meanings, of length 1."""
    row = [0.0] * SIZE
    for word in re.findall(r"\w+", text.lower()) or [" "]:
        digest = hashlib.sha256(MEANINGS.get(word, word).encode()).digest()
        for i in range(SIZE):
            row[i] += digest[i] / 127.5 - 1
    length = math.sqrt(sum(value * value for value in row)) or 1.0
    return [value / length for value in row]
