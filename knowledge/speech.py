"""What the parts of a short message do: ask something, decline, or say something. Pure; a few European languages.

A message is read clause by clause ("Small, and how long does delivery take?" says one thing and asks another), so that
a word in somebody's own question is never taken for the answer to ours.
"""

import re

from knowledge.smalltalk import is_small_talk
from knowledge.text import normalise

MOST_REFUSING = 7  # words of a message that declines: a longer one says more


def clauses(text: str) -> list[str]:
    """``text`` in the parts that each say one thing: sentences, and what a comma or an "and" sets a question apart by.
    Marks inside an address, a number or a date part nothing."""
    return [part for sentence in _SENTENCES.split(text) for part in _apart(sentence) if part.strip(" ,;")]


def asks(text: str) -> bool:
    """Whether something is asked in ``text``: by its mark, by how one of its clauses begins, or as a plain request."""
    if any(mark in text for mark in "?？؟"):
        return True
    plain = normalise(text)
    return bool(_INTERROGATIVE.match(plain) or _AUXILIARY.match(plain) or _REQUEST.search(plain))


def declines(text: str) -> bool:
    """Whether ``text`` says no to being asked, or that there is nothing to tell."""
    plain = normalise(text)
    return len(plain.split()) <= MOST_REFUSING and _REFUSAL.search(plain) is not None


def is_mere_politeness(text: str) -> bool:
    """A greeting, thanks or noise, which answers nothing; a yes or an ok may."""
    said = normalise(text).split()
    return is_small_talk(text) and not (said and _YES.issuperset(said))


def _apart(sentence: str) -> list[str]:
    """``sentence`` before and from the first place at which a question begins in its middle."""
    for joint in _JOINT.finditer(sentence):
        rest = normalise(sentence[joint.end() :])
        if _INTERROGATIVE.match(rest) or _AUXILIARY.match(rest) or _REQUEST.match(rest):
            return [sentence[: joint.start()], sentence[joint.end() :]]
    return [sentence]


_YES = frozenset("yes yeah yep yup ok okay sure ja oui si sim da no nope nein non nee nao nothing".split())
_SENTENCES = re.compile(r"(?<=[.!?。！？؟])[ \t]+|\n+|(?<=[。！？])|;[ \t]+")
_JOINT = re.compile(r"[,–—-]? (?:and|but|also|und|aber|et|mais|y|pero|e|ma|en|maar) |, | [–—-] ", re.IGNORECASE)

# On normalised text: no accents, no apostrophes, no marks.
_LEAD = r"(?:(?:and|but|so|ok|okay|hi|hello|please|und|aber|et|mais|y|pero|hallo) ){0,3}"
_INTERROGATIVE = re.compile(
    _LEAD + r"(?:how|what|whats|where|wheres|when|whens|why|who|whos|which"
    r"|wie|was|wo|wann|warum|wieso|wer|wieviel|welche[rsnm]?|comment|quand|combien|pourquoi|ou est|ou sont"
    r"|quel(?:le)?s?|est ce|qu est ce"
    r"|como|donde|cuando|cuant[oa]s?|cual(?:es)?|por que|quant[oaie]|dove|quando|perche|onde|hoe|wat|waar|wanneer"
    r"|waarom)\b"
)
_AUXILIARY = re.compile(  # three words at least: "Will Smith" is a name
    _LEAD + r"(?:can|could|do|does|did|is|are|will|would|may|should|have you|has|am i"
    r"|kann|konnen|konnt|gibt|haben sie|habt|ist|sind|darf|muss|peut|peux|pouvez|puis|avez|y a"
    r"|puedo|pueden|puede|hay|tienen|posso|potete|avete|kan|kunnen|zijn|heeft|hebben) \S+(?: \S+)+"
)
_REQUEST = re.compile(
    r"^(?:please )?(?:tell me|show me|explain|i want to know|i would like to know|id like to know|i need help"
    r"|i have a (?:question|problem)|i need to know|ich habe eine frage|ich mochte wissen|j ai une question"
    r"|tengo una pregunta|ho una domanda|ik heb een vraag)\b"
)
_REFUSAL = re.compile(
    r"^(?:no|nope|nah|skip|pass|decline|none|nein|non|nee|nao|passe|paso)$|^no+ (?:thanks?|thank you|thx|sorry)\b"
    r"|\bnot (?:now|today|telling|sure|yet)$|\b(?:rather|prefer|would prefer) not\b|\bprefer to not\b"
    r"|\b(?:dont|do not|wont|will not) (?:want|wish|like|care)(?: to\b|$)"
    r"|\b(?:dont|do not|wont|will not|cant|not going to) (?:tell|say|share|give|answer)\b"
    r"|\b(?:dont|do not) know\b|\bno idea\b|\bdunno\b|\bnone of your\b|\bno comment\b|\b(?:thats|its|that is) private\b"
    r"|^skip (?:this|that|it)\b|\bid rather skip\b"
    r"|^nein danke\b|\blieber nicht\b|\bmochte (?:ich )?(?:das )?(?:lieber )?nicht\b|\bkeine angabe\b"
    r"|\bwill ich nicht\b|\bsag(?:e)? ich nicht\b|\bkeine ahnung\b|\bwei(?:ss|ß) (?:ich )?(?:es )?(?:noch )?nicht\b"
    r"|^non merci\b|\bje (?:ne )?(?:prefere|veux|souhaite) (?:ne )?pas\b|^je (?:ne )?sais pas\b|^aucune idee\b"
    r"|^no gracias\b|\bprefiero no\b|\bno quiero\b|^no (?:lo )?se$|^ni idea\b"
    r"|^no grazie\b|\bpreferisco (?:di )?no\b|^non (?:lo )?so$|^nao obrigad|\bprefiro nao\b|^nao sei\b"
    r"|\bliever niet\b|^nee (?:dank|bedankt)\b|^weet ik niet\b|^geen idee\b"
)
