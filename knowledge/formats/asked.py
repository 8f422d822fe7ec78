"""Questions and answers that only their writing shows: ``Q: … A: …``, and a line that is nothing but a question."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from knowledge.formats.outline import MOST_PIECES, Block, Heading, Pair, Piece

LABEL = 7  # the level of a question that is no heading of the document
LONGEST_QUESTION = 300  # characters; a longer line that ends with "?" is prose

_ASKS = "Q|Question|Frage|F|Pregunta|P|Pergunta|Domanda|D|Vraag|V|Fråga|Spørsmål|Spørgsmål|Kysymys|Soru|S|Вопрос|В"
_ASKS += "|Întrebare|Kérdés|K|Ερώτηση|Ε|سؤال|س|问题|问|問題|問|質問|질문|คำถาม|ถาม"
_TELLS = "A|Answer|Antwort|Respuesta|R|Réponse|Resposta|Risposta|Antwoord|Svar|Vastaus|Cevap|C|Yanıt|Ответ|О"
_TELLS += "|Răspuns|Válasz|V|Απάντηση|Α|جواب|ج|答案|答|回答|답변|답|คำตอบ|ตอบ"
_WORDS = {name: frozenset(words.casefold().split("|")) for name, words in (("q", _ASKS), ("a", _TELLS))}
# At the start of a line, or behind a bold mark inside it: "**Q:** How? **A:** So."
_MARK = re.compile(
    r"(?:^[ \t]{0,8}(?:[-•>][ \t]{1,4})?(?:\*\*|__)?|(?<=\s)\*\*)"
    r"([^\W\d_]{1,12})[ \t.]{0,2}\d{0,4}(?:\*\*|__)?[ \t]{0,2}[:：](?:\*\*|__)?[ \t]*",
    re.MULTILINE,
)
_BOLD_LINE = re.compile(r"(?:\*\*|__)([^*_\n]{3,300})(?:\*\*|__):?(?:\n|$)")
_NUMBER = re.compile(r"^(?:\(?\d{1,3}(?:\.\d{1,3}){0,4}[.):]?|[-•–*])\s+")


def is_question(text: str) -> bool:
    """Whether ``text`` is written as a question: its mark says so."""
    return text.rstrip(" *_»”\"'").endswith(("?", "？", "؟", "¿")) or (text.endswith(";") and _is_greek(text))


def arranged(pieces: Iterable[Piece]) -> list[Piece]:
    """``pieces`` with what reads as question and answer made :class:`Pair`, and lines that are questions made
    headings of :data:`LABEL`; at most :data:`~knowledge.formats.outline.MOST_PIECES`."""
    return list(_labelled(list(islice(_paired(pieces), MOST_PIECES))))


def _paired(pieces: Iterable[Piece]) -> Iterator[Piece]:
    open_pair = _Open()
    for piece in pieces:
        if not isinstance(piece, Block):
            yield from open_pair.closed()
            yield piece
            continue
        yield from open_pair.take(piece)
    yield from open_pair.closed()


class _Open:
    """The pair that is being read: its question, and the parts of its answer once there are any."""

    def __init__(self) -> None:
        self._question: str | None = None
        self._raw, self._anchor = "", ""
        self._answer: list[str] | None = None

    def take(self, block: Block) -> Iterator[Piece]:
        marks = [(kind, mark) for mark in _MARK.finditer(block.text) if (kind := self._kind(mark[1]))]
        before = block.text[: marks[0][1].start()] if marks else block.text
        yield from self._go_on(Block(before.strip(), block.anchor))
        for place, (kind, mark) in enumerate(marks):
            end = marks[place + 1][1].start() if place + 1 < len(marks) else len(block.text)
            said, raw = block.text[mark.end() : end].strip(), block.text[mark.start() : end].strip()
            if "q" in kind and not (kind == "qa" and self._question is not None and self._answer is None):
                yield from self.closed()
                self._question, self._raw, self._anchor = said.strip("*_ \n"), raw, block.anchor
            elif self._question is not None and self._answer is None:
                self._answer = [said.removeprefix("** ").removesuffix("**") if said.count("**") == 1 else said]
            else:
                yield from self._go_on(Block(raw, block.anchor))

    def closed(self) -> Iterator[Piece]:
        """What was open, as a pair if it has an answer."""
        if self._question is not None:
            answer = "\n\n".join(part for part in self._answer or () if part)
            if self._question and answer:
                yield Pair(" ".join(self._question.split()), answer, self._anchor)
            else:
                yield Block("\n\n".join(part for part in (self._raw, answer) if part), self._anchor)
        self._question, self._answer = None, None

    def _go_on(self, block: Block) -> Iterator[Piece]:
        if not block.text:
            return
        if self._question is not None and self._answer is None and is_question(self._question):
            self._answer = []  # the answer has no mark of its own
        if self._answer is not None:
            self._answer.append(block.text)
        else:
            yield from self.closed()
            yield block

    @staticmethod
    def _kind(word: str) -> str:
        return "".join(name for name, words in _WORDS.items() if word.casefold() in words)


def _labelled(pieces: list[Piece]) -> Iterator[Piece]:
    """A line that is nothing but a question is the heading of what follows it; so is a bold one above its text."""
    for place, piece in enumerate(pieces):
        if not isinstance(piece, Block):
            yield piece
            continue
        followed = place + 1 < len(pieces) and isinstance(pieces[place + 1], Block)
        text, bold = piece.text, _BOLD_LINE.match(piece.text)
        rest = text[bold.end() :].strip() if bold else ""
        if bold and (rest or followed):
            yield Heading(LABEL, bold[1].strip(), piece.anchor)
            if rest:
                yield Block(rest, piece.anchor)
        elif _is_bare_question(text.partition("\n")[0]) and "\n" in text:
            first, _, rest = text.partition("\n")
            yield Heading(LABEL, _NUMBER.sub("", first), piece.anchor)
            yield Block(rest, piece.anchor)
        elif followed and _is_bare_question(text) and not _is_bare_question(_text(pieces[place + 1])):
            yield Heading(LABEL, _NUMBER.sub("", text), piece.anchor)
        else:
            yield piece


def _is_bare_question(text: str) -> bool:
    return len(text) <= LONGEST_QUESTION and "\n" not in text and is_question(text) and not text.startswith(("- ", "|"))


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Block) else ""


def _is_greek(text: str) -> bool:
    return any("\u0370" <= letter <= "\u03ff" for letter in text)
