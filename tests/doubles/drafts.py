"""What a model of good will replies where JSON is wished for: made from the material that it is shown, in its form."""

import json
import re
from typing import Any


def reply(body: dict[str, Any]) -> str | None:
    """The reply to a request; None where it wishes for no JSON."""
    shape = body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    if not shape:
        return None
    told = json.loads(body["messages"][-1]["content"])
    if "entries" in shape:
        return json.dumps({"entries": [_entry(one) for one in told["passages"]]}, ensure_ascii=False)
    if "phrasings" in shape:
        return json.dumps({"phrasings": _ways(told["entry"]["question"])}, ensure_ascii=False)
    known = bool(told["entries"])
    return json.dumps({"known": known, "answer": told["entries"][0]["answer"] if known else ""}, ensure_ascii=False)


def _entry(passage: dict[str, Any]) -> dict[str, Any]:
    sentence = re.split(r"(?<=[.!?])\s", passage["text"], maxsplit=1)[0]
    return {"passage": passage["passage"], "questions": _ways(passage["title"]), "answer": sentence}


def _ways(title: str) -> list[str]:
    plain = title.rstrip("?").strip()
    plain = plain[:1].lower() + plain[1:]
    return [f"can you tell me: {plain}?", f"question about {plain}", f"{plain} please"]
