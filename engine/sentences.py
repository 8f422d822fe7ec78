"""A stream of pieces as sentences: each as soon as it is whole, all together exactly what came. Pure.

Where in doubt two sentences stay one (an abbreviation, an ordinal, an open bracket or emphasis): that costs a moment,
a cut in the wrong place would cost the check its sense, or the reader the Markdown. Where sentences end does not depend
on how the stream was cut into pieces: every decision looks back only.
"""

import re

LONG = 300  # characters after which a text without an end is cut at a comma or between two plain words
LONGEST = 600  # characters of one sentence at most, wherever that cuts; a code block stays whole up to here too
_ENDS = ".!?؟।…"
_CLOSERS = "\"'”’»)]}*_~`"
_STOP = re.compile(r"[\s。！？｡]")
_SHORT = frozenset(
    """
    approx ca cf co corp dept dr e.g eg etc excl fig fr hr i.e ie inc incl jr ltd max min mr mrs ms mt no nr nos p
    pp prof sr sra st tel usw vs z.b zb bzw d.h dh inkl zzgl evtl ggf str sog u.a p.ej ej av bd env mme mlle m ex
    a.m p.m am pm art abs kl mo di mi do sa so mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul
    aug sep sept oct okt nov dec dez lun mer jeu ven sam dim u.s u.k ext hrs mins dhr mevr bijv o.a m.b.t núm pág ud
    uds vd dott sig
    """.split()
)
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)", re.M)


class Sentences:
    """Feed it pieces; ``rest`` is what belongs to no whole sentence yet."""

    def __init__(self) -> None:
        self.rest = ""
        self._seen = 0  # characters of the rest in which no sentence ends

    def feed(self, piece: str) -> list[str]:
        """The sentences that ``piece`` completes, each with the blank that ended it."""
        self.rest += piece
        found = []
        while (end := self._end()) is not None:
            found.append(self.rest[:end])
            self.rest, self._seen = self.rest[end:], 0
        return found

    def close(self) -> list[str]:
        """What is left, the stream being over."""
        last, self.rest, self._seen = self.rest, "", 0
        return [last] if last else []

    def _end(self) -> int | None:
        limit = min(len(self.rest), LONGEST)
        for stop in _STOP.finditer(self.rest, self._seen, limit):
            at = stop.start()
            if at >= LONG and (cut := self._cut(at)):
                return cut
            if self._ends(at, stop[0]):
                return at + 1
            self._seen = at + 1
        if len(self.rest) >= LONGEST:
            return self._cut(LONGEST) or LONGEST
        return None

    def _ends(self, at: int, stop: str) -> bool:
        before = self.rest[:at]
        if not before.strip():
            return False
        if _fenced(before):
            return stop == "\n" and _closes(before)
        if stop == "\n":
            return True
        if not stop.isspace():
            return not _open(before)
        word = before.rstrip(_CLOSERS)
        return bool(word) and word[-1] in _ENDS and not _goes_on(word) and not _open(before)

    def _cut(self, limit: int) -> int | None:
        """Where a text without an end may be cut: after its last comma, else between two plain words."""
        text = self.rest[:limit]
        if _fenced(text) and limit < LONGEST:
            return None
        for pattern in (_COMMA, _PLAIN):
            places = [m.end() for m in pattern.finditer(text, LONG // 2) if not _open(text[: m.end()])]
            if places:
                return places[-1]
        return None


_COMMA = re.compile(r"(?<=[^\W\d_])[,;:]\s(?=[^\W\d_])")
_PLAIN = re.compile(r"(?<=[a-zß-ÿ])\s(?=[a-zß-ÿ])")
_WORD = re.compile(r"(\S+)[.…]$")


def _goes_on(word: str) -> bool:
    """Whether the full stop belongs to what it follows: an abbreviation, an initial, an ordinal, a list's number; or
    the text only hesitates."""
    if word.endswith(("..", "…")):
        return True
    if not word.endswith(".") or (found := _WORD.search(word[-40:])) is None:
        return False
    last = found[1].lstrip("(\"'«“*_[").lower()
    return last in _SHORT or (len(last) == 1 and last.isalpha()) or (last.isdigit() and len(last) < 3)


def _open(text: str) -> bool:
    """Whether a bracket, a code span or an emphasis is still open: to cut there would break the Markdown."""
    return (
        text.count("**") % 2 == 1
        or text.count("`") % 2 == 1
        or text.count("(") > text.count(")")
        or text.count("[") > text.count("]")
    )


def _fenced(text: str) -> bool:
    return text.lstrip().startswith(("```", "~~~"))


def _closes(text: str) -> bool:
    return len(_FENCE.findall(text)) >= 2
