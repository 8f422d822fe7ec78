"""Embeddings: from an endpoint or a folder, in time or not at all, and never a reason to fail."""

import asyncio
import json
import math
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.embeddings import minilm
from knowledge.embeddings.embedding import FAILURES, Asker, Failed, Matrix, unit
from knowledge.embeddings.endpoint import BATCH, Endpoint
from knowledge.embeddings.minilm import MiniLM, Unusable
from knowledge.embeddings.wordpiece import WordPiece
from tests.doubles.embeddings import SECRET, SIZE, Embeddings, endpoint, vector

pytestmark = pytest.mark.anyio


@pytest.fixture
async def double() -> AsyncIterator[Embeddings]:
    async with endpoint() as double:
        yield double


@pytest.fixture
async def client(double: Embeddings) -> AsyncIterator[Endpoint]:
    client = Endpoint(model="double", base_url=double.base_url)
    yield client
    await client.aclose()


# The endpoint --------------------------------------------------------------------------------------------------


async def test_an_endpoint_gives_a_row_of_length_1_a_text_in_its_order(double: Embeddings, client: Endpoint) -> None:
    texts = [f"text {i}" for i in range(BATCH + 3)]
    matrix = await client.embed(texts)
    assert matrix.shape == (len(texts), SIZE)
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)
    assert np.allclose(matrix[-1], vector(texts[-1]), atol=1e-5)
    assert [len(asked) for asked in double.asked] == [BATCH, 3]


async def test_an_answer_in_another_order_is_put_right(double: Embeddings, client: Endpoint) -> None:
    double.behave = "reordered"
    matrix = await client.embed(["one", "two", "three"])
    assert np.allclose(matrix[0], vector("one"), atol=1e-5)


@pytest.mark.parametrize(
    "behave", ["500", "401", "429", "garbage", "redirect", "short", "long", "nan", "zero", "strings", "none"]
)
async def test_r8_a_wrong_answer_is_refused_and_nothing_of_it_is_told(
    double: Embeddings, client: Endpoint, behave: str
) -> None:
    double.behave = behave
    with pytest.raises(Failed) as failed:
        await client.embed(["one", "two"])
    assert SECRET not in str(failed.value)
    assert double.base_url not in str(failed.value)
    double.behave = "ok"
    assert (await client.embed(["one"])).shape == (1, SIZE)


async def test_an_endpoint_that_is_not_there_fails_like_any_other() -> None:
    client = Endpoint(model="double", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(Failed):
        await client.embed(["one"])
    await client.aclose()


@given(st.lists(st.lists(st.floats(width=32), max_size=4), max_size=4), st.integers(0, 4))
def test_what_is_no_matrix_of_numbers_is_refused(rows: list[list[float]], count: int) -> None:
    try:
        matrix = unit(rows, count)
    except Failed:
        return
    assert len(matrix) == count
    assert np.allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-4)


# In time, or not at all ----------------------------------------------------------------------------------------


class Slow:
    """A maker that waits until it is let go, and counts."""

    model = "slow"

    def __init__(self) -> None:
        self.asked = 0
        self.gate = asyncio.Event()
        self.fails = False

    async def embed(self, texts: Sequence[str]) -> Matrix:
        self.asked += 1
        if self.fails:
            raise Failed("on purpose")
        await self.gate.wait()
        return np.ones((len(texts), 1), np.float32)

    async def aclose(self) -> None: ...


async def test_a_question_waits_no_longer_than_its_patience_and_a_known_one_not_at_all() -> None:
    maker = Slow()
    asker = Asker(lambda: maker, patience=0.05)
    assert await asker.vector("late", "slow") is None
    maker.gate.set()
    assert (await asker.vector("in time", "slow")) is not None
    maker.gate.clear()
    assert (await asker.vector("in time", "slow")) is not None
    assert maker.asked == 2


async def test_a_maker_that_keeps_failing_is_left_alone() -> None:
    maker = Slow()
    maker.fails = True
    asker = Asker(lambda: maker)
    for i in range(FAILURES + 20):
        assert await asker.vector(f"question {i}", "slow") is None
    assert maker.asked == FAILURES


async def test_a_vector_of_another_model_than_the_indexs_is_none() -> None:
    maker = Slow()
    maker.gate.set()
    assert await Asker(lambda: maker).vector("question", "another") is None
    assert maker.asked == 0


async def test_a_maker_that_cannot_be_made_is_told_once_it_is_wanted_and_harms_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asker = Asker(lambda: MiniLM(tmp_path / "nothing"))
    assert await asker.maker() is None
    assert await asker.vector("question", "any") is None
    assert "name a folder with a model in it" in caplog.text


# The local model -----------------------------------------------------------------------------------------------

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "water", "##ing", "plant", "##s", "a", "!", "花"]


def test_words_become_the_longest_known_pieces() -> None:
    pieces = WordPiece({piece: i for i, piece in enumerate(PIECES)})
    assert pieces.ids("Watering PLANTS!", 64) == [2, 4, 5, 6, 7, 9, 3]
    assert pieces.ids("á 花花 xyz " + "a" * 200, 64) == [2, 8, 10, 10, 1, 1, 3]
    assert pieces.ids("a " * 500, 8) == [2, *[8] * 6, 3]
    assert pieces.ids("", 8) == [2, 3]


@given(st.text())
def test_no_text_breaks_the_pieces(text: str) -> None:
    ids = WordPiece({piece: i for i, piece in enumerate(PIECES)}).ids(text, 32)
    assert (ids[0], ids[-1], len(ids) <= 32) == (2, 3, True)


def make_model(
    folder: Path, *, layers: int = 2, size: int = 8, heads: int = 2, changed: dict[str, Matrix] | None = None
) -> Path:
    """A model of our own in the known format, its numbers drawn with seed 0."""
    folder.mkdir(exist_ok=True)
    draw = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), size),
        "embeddings.position_embeddings.weight": (300, size),
        "embeddings.token_type_embeddings.weight": (2, size),
        "embeddings.LayerNorm.weight": (size,),
        "embeddings.LayerNorm.bias": (size,),
    }
    for layer in range(layers):
        name = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{name}{part}.weight": (size, size), f"{name}{part}.bias": (size,)}
        shapes |= {f"{name}intermediate.dense.weight": (2 * size, size), f"{name}intermediate.dense.bias": (2 * size,)}
        shapes |= {f"{name}output.dense.weight": (size, 2 * size), f"{name}output.dense.bias": (size,)}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{name}{part}.weight": (size,), f"{name}{part}.bias": (size,)}
    arrays = {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()} | (changed or {})
    header, body = {}, b""
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [len(body), len(body) + array.nbytes]}
        body += array.tobytes()
    head = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + body)
    config = {"hidden_size": size, "num_hidden_layers": layers, "num_attention_heads": heads}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(PIECES))
    return folder


def by_hand(folder: Path, ids: list[int], layers: int = 2, heads: int = 2) -> list[float]:
    """The same model for one text, number by number, as the papers write it."""
    _, weights = minilm._weights(folder)
    size = len(weights["embeddings.LayerNorm.bias"])
    width = size // heads

    def dense(row: Sequence[float], name: str) -> list[float]:
        matrix, bias = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
        return [sum(a * b for a, b in zip(row, each, strict=True)) + c for each, c in zip(matrix, bias, strict=True)]

    def normal(row: Sequence[float], name: str) -> list[float]:
        mean = sum(row) / size
        spread = math.sqrt(sum((value - mean) ** 2 for value in row) / size + 1e-12)
        scale, shift = weights[f"{name}.weight"].tolist(), weights[f"{name}.bias"].tolist()
        return [(v - mean) / spread * s + t for v, s, t in zip(row, scale, shift, strict=True)]

    def plus(a: Sequence[float], b: Sequence[float]) -> list[float]:
        return [x + y for x, y in zip(a, b, strict=True)]

    tables = [weights[f"embeddings.{name}_embeddings.weight"].tolist() for name in ("word", "position", "token_type")]
    rows = [
        normal(plus(plus(tables[0][token], tables[1][i]), tables[2][0]), "embeddings.LayerNorm")
        for i, token in enumerate(ids)
    ]
    for layer in range(layers):
        name = f"encoder.layer.{layer}."
        q, k, v = ([dense(row, f"{name}attention.self.{part}") for row in rows] for part in ("query", "key", "value"))
        seen = []
        for i in range(len(rows)):
            joined: list[float] = []
            for head in range(heads):
                part = slice(head * width, (head + 1) * width)
                raw = [sum(a * b for a, b in zip(q[i][part], row[part], strict=True)) / math.sqrt(width) for row in k]
                powers = [math.exp(value - max(raw)) for value in raw]
                joined += [
                    sum(p * row[part][d] for p, row in zip(powers, v, strict=True)) / sum(powers) for d in range(width)
                ]
            seen.append(dense(joined, f"{name}attention.output.dense"))
        rows = [normal(plus(a, b), f"{name}attention.output.LayerNorm") for a, b in zip(rows, seen, strict=True)]
        wide = [dense(row, f"{name}intermediate.dense") for row in rows]
        wide = [[x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in row] for row in wide]
        out = [dense(row, f"{name}output.dense") for row in wide]
        rows = [normal(plus(a, b), f"{name}output.LayerNorm") for a, b in zip(rows, out, strict=True)]
    mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    length = math.sqrt(sum(value * value for value in mean))
    return [value / length for value in mean]


async def test_a_folders_model_computes_what_its_formulas_say_alone_and_beside_longer_texts(tmp_path: Path) -> None:
    model = MiniLM(make_model(tmp_path / "tiny"))
    texts = ["watering plants", "a", "plants a a a water !"]
    together = await model.embed(texts)
    for text, row in zip(texts, together, strict=True):
        ids = WordPiece({piece: i for i, piece in enumerate(PIECES)}).ids(text, 64)
        assert np.allclose(row, by_hand(tmp_path / "tiny", ids), atol=2e-5), text


def test_two_folders_with_other_weights_have_other_names(tmp_path: Path) -> None:
    one = MiniLM(make_model(tmp_path / "tiny"))
    other = MiniLM(make_model(tmp_path / "tiny", changed={"embeddings.LayerNorm.bias": np.zeros(8, np.float32)}))
    assert one.model != other.model
    assert one.model.startswith("tiny-")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "config.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "config.json").write_text("{}"), "describes no model"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"short"), "damaged"),
        (lambda folder: (folder / "vocab.txt").write_text("only\nwords"), "no vocabulary"),
        (lambda folder: make_model(folder, layers=0), None),
        (lambda folder: (folder / "config.json").write_text((folder / "config.json").read_text().replace("2", "3")),
         "another kind"),
    ],
)  # fmt: skip
def test_a_folder_that_holds_no_model_says_what_is_wrong(
    tmp_path: Path, harm: Callable[[Path], object], said: str | None
) -> None:
    folder = make_model(tmp_path / "tiny")
    harm(folder)
    if said is None:
        assert MiniLM(folder).compute(["a"]).shape == (1, 8)
        return
    with pytest.raises(Unusable, match=said):
        MiniLM(folder)


def test_the_known_model_gives_the_similarities_that_its_authors_show() -> None:
    """The figures of the model card's own example, to three digits."""
    folder = minilm.installed()
    assert folder is not None, "./test installs the package that carries the model"
    model = MiniLM(folder)
    assert model.model == "all-MiniLM-L6-v2"
    rows = model.compute(
        ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    )
    assert np.allclose(rows @ rows[0], [1, 0.695, 0.943, 0.257], atol=5e-4)
