"""Compressed bodies, unpacked under a bound."""

import gzip
import time
import tracemalloc
import zlib

import pytest

from engine import unpack
from engine.unpack import Broken, TooLarge, unpacker

TEXT = b"How long does delivery take? " * 5_000


def deflated(data: bytes, bits: int) -> bytes:
    stream = zlib.compressobj(wbits=bits)
    return stream.compress(data) + stream.flush()


CODINGS = {
    "gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "DEFLATE ": deflated(TEXT, -15),
    "identity": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("step", [1, 7, 1_000, 1_000_000])
def test_each_coding_is_read_in_pieces_of_any_size(coding: str, step: int) -> None:
    data = CODINGS[coding]
    stream = unpacker(coding, len(TEXT))
    for start in range(0, len(data), step):
        stream.feed(data[start : start + step])
    assert stream.finish() == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
def test_one_byte_too_many_is_refused(coding: str) -> None:
    with pytest.raises(TooLarge):
        unpacker(coding, len(TEXT) - 1).feed(CODINGS[coding])


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_is_cut_or_garbage_is_broken(coding: str) -> None:
    stream = unpacker(coding, len(TEXT))
    stream.feed(CODINGS[coding][:-9])
    with pytest.raises(Broken):
        stream.finish()
    with pytest.raises(Broken):
        unpacker(coding, 100).feed(b"\xff this was never compressed \xff" * 9)


@pytest.mark.parametrize("coding", ["zstd", "gzip, gzip", "compress", "x" * 1_000])
def test_an_unknown_coding_is_broken(coding: str) -> None:
    with pytest.raises(Broken):
        unpacker(coding, 100)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_costs_no_more_than_the_bound(coding: str) -> None:
    bomb = gzip.compress(bytes(100_000_000)) if coding == "gzip" else zlib.compress(bytes(100_000_000))
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(TooLarge):
        unpacker(coding, 2_000_000).feed(bomb)
    assert time.process_time() - began < 1
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_a_file_of_several_members_is_read_and_a_thousand_are_not() -> None:
    assert unpack.gunzip(gzip.compress(b"one ") + gzip.compress(b"two"), 100) == b"one two"
    with pytest.raises(Broken):
        unpack.gunzip(gzip.compress(b"") * 1_000, 100)
