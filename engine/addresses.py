"""E-mail addresses: one person's, in the form that goes on the wire (R18). No I/O."""

from email_validator import EmailNotValidError, validate_email

LONGEST = 254  # characters (RFC 5321, 4.5.3.1.3, less the angle brackets)


def address(text: str) -> str | None:
    """The one address that ``text`` is, in ASCII (a domain in other letters as Punycode); None where it is none, is
    several, carries a name, or holds a line break. The part before the @ must be ASCII: not every server on the way
    takes another."""
    if len(text) > LONGEST or not text.isprintable() or set(text) & set(',;<>()"'):
        return None
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


def words(text: str, length: int) -> str:
    """``text`` as a header may hold it: one line without controls, ``length`` characters at most."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= length else line[: length - 1] + "…"
