"""Compressed bytes unpacked under a bound: what is small on the wire and huge in memory is refused half-way."""

import zlib
from typing import Protocol

STEP = 64 * 1024  # bytes unpacked at a time
MEMBERS = 32  # of a gzip file that are read: each costs a copy of what is left


class TooLarge(Exception):
    """More came out than the caller wanted."""


class Broken(Exception):
    """These bytes are not what they are said to be."""


class Unpacker(Protocol):
    """Takes the bytes as they come; ``finish`` gives the whole once all came. Both raise :class:`TooLarge` and
    :class:`Broken`."""

    def feed(self, data: bytes) -> None: ...
    def finish(self) -> bytes: ...


def unpacker(encoding: str, limit: int) -> Unpacker:
    """For one HTTP content coding (RFC 9110, section 8.4.1) and at most ``limit`` bytes out. Raises :class:`Broken`
    for a coding that is not known, or several at once: nobody sends those in good faith."""
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain(limit)
        case "gzip" | "x-gzip":
            return _Zlib(limit, 16 + zlib.MAX_WBITS)
        case "deflate":
            return _Zlib(limit, zlib.MAX_WBITS)
        case _:
            raise Broken(encoding)


def gunzip(data: bytes, limit: int) -> bytes:
    """A gzip file's content, at most ``limit`` bytes. Raises :class:`TooLarge` and :class:`Broken`."""
    taken = _Zlib(limit, 16 + zlib.MAX_WBITS)
    taken.feed(data)
    return taken.finish()


class _Plain:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        self._out += data
        if len(self._out) > self._limit:
            raise TooLarge

    def finish(self) -> bytes:
        return bytes(self._out)


class _Zlib(_Plain):
    """gzip (several members too, RFC 1952) and deflate; some servers send the latter without its zlib header."""

    def __init__(self, limit: int, bits: int) -> None:
        super().__init__(limit)
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._head = b""  # of deflate: whether it has a zlib header shows with its second byte
        self._fed = False
        self._members = 1

    def feed(self, data: bytes) -> None:
        if self._bits == zlib.MAX_WBITS and not self._fed:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            if data[0] & 15 != 8 or int.from_bytes(data[:2], "big") % 31:
                self._bits, self._stream = -zlib.MAX_WBITS, zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            try:
                out = self._stream.decompress(data, STEP)
            except zlib.error as broken:
                raise Broken(str(broken)) from None
            self._fed = True
            super().feed(out)
            data = self._stream.unconsumed_tail or self._next_member()

    def finish(self) -> bytes:
        if self._head or (self._fed and not self._stream.eof):
            raise Broken("cut off")
        return super().finish()

    def _next_member(self) -> bytes:
        rest = self._stream.unused_data
        if not (self._stream.eof and self._bits > zlib.MAX_WBITS and rest.startswith(b"\x1f\x8b")):
            return b""
        self._members += 1
        if self._members > MEMBERS:
            raise Broken("too many members")
        self._stream = zlib.decompressobj(self._bits)
        return rest
