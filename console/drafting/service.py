"""The model that helps to write, and what its help costs, as the pages say it beforehand."""

from dataclasses import dataclass

from engine import pricing
from engine.ports import Provider
from knowledge import drafting

USUAL_PROMPT = 1_200  # tokens of a usual request: the rules, and four passages or one entry with its phrasings
USUAL_PAGE, USUAL_ENTRY = 600, 200  # tokens of a usual reply


@dataclass(frozen=True, slots=True)
class Writer:
    """``model`` by its name; ``usual``: what one entry usually takes; prices as sentences."""

    model: str
    usual: str
    price: str
    price_of_import: str


def writer(provider: Provider | None) -> Writer | None:
    """What can be offered; None without a model."""
    if provider is None:
        return None
    model = provider.model
    entry, page = (pricing.credits_for(model, USUAL_PROMPT, tokens) for tokens in (USUAL_ENTRY, USUAL_PAGE))
    return Writer(
        model,
        _credits(entry),
        f"Usually {_credits(entry)}, never more than {pricing.CAP}; free where nothing comes of it.",
        f"Each entry gets what visitors would type, and an answer taken from its text ({model}). For every"
        f" {drafting.TOGETHER} entries usually {_credits(page)} more, never more than {pricing.CAP}."
        " Your own rows (CSV, JSON) stay as they are.",
    )


def _credits(number: int) -> str:
    return f"{number} {'credit' if number == 1 else 'credits'}"
