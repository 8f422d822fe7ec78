"""What the bot says in its own name, when no entry and no model speaks."""

UNSURE = "I don't know the answer to that. "
NOT_SURE_WHICH = "I'm not sure I have the right answer to that. "
THIS = "Did you mean this? Or I can ask a person to help you."
THESE = "Did you mean one of these? Or I can ask a person to help you."
OFFER_PERSON = "I can ask a person to help you."
UNCERTAIN = "I don't know that for certain. I can ask a person to help you."
NO_CREDITS = "I can only look things up in our FAQ right now, and I'm not sure which answer fits. "
UPSTREAM = "Sorry, I could not finish that answer just now. Please ask again in a moment, or talk to a person."
INTERRUPTED = "Sorry, that answer was interrupted. Please ask again."


def unsure(lead: str, offers: tuple[str, ...]) -> str:
    """The plain word for not knowing, with what is offered instead."""
    return lead + (THESE if len(offers) > 1 else THIS if offers else OFFER_PERSON)
