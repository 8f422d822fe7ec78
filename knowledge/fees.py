"""What reading costs: :data:`engine.pricing.DOCUMENT` credits for a document or page that gave something, nothing else.

A file's credits are set aside when it is uploaded. A site is paid page by page, in the transaction that stores what
the page gave: a hold would run out before a long crawl ends, and what was not read is never set aside.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from engine import ledger, pricing
from knowledge.models import Source


async def set_aside(session: AsyncSession, source: Source) -> bool:
    """Hold what one document takes; False when there are fewer credits."""
    source.charge = f"import:{source.id}"
    return await ledger.hold(session, source.workspace_id, pricing.DOCUMENT, source.charge)


async def give_back(session: AsyncSession, source: Source) -> None:
    """Nothing came of it: the hold, if there is one, ends."""
    if source.charge is not None:
        await ledger.release(session, _charge(source, source.charge, 0, source.name))
        source.charge = None


async def pay(session: AsyncSession, source: Source, reference: str, what: str) -> bool:
    """Charge what a document or page takes, from the hold that was placed for it or from what is there now; False
    when there are too few credits. ``reference`` names the cause: nothing is paid for twice."""
    if source.charge is not None:
        reference, source.charge = source.charge, None
        if await ledger.settle(session, _charge(source, reference, pricing.DOCUMENT, what)):
            return True
        reference += ":late"  # the hold ran out while the job waited
    if not await ledger.hold(session, source.workspace_id, pricing.DOCUMENT, reference):
        return False
    await ledger.settle(session, _charge(source, reference, pricing.DOCUMENT, what))
    return True


def _charge(source: Source, reference: str, credits: int, what: str) -> ledger.Charge:
    detail = {"by": "import", "kind": source.kind, "name": what[:200], "price": pricing.VERSION}
    return ledger.Charge(source.workspace_id, reference, credits, None, detail)
