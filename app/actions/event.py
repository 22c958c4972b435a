"""Events of a plan for systems outside: codes and nothing else."""

from collections.abc import Sequence
from uuid import UUID

from app.store.work import Work


async def tell_fund(
    work: Work, fund_id: UUID, citizen_id: UUID, kind: str, codes: Sequence[str]
) -> None:
    """A system event for a fund (R26, R129); whoever calls has seen that the fund may know of it.

    `kind` and `codes` are of capital letters, digits and underscores; the database refuses others.
    """
    await work.execute(
        "tell_fund", fund_id, citizen_id, kind, codes, work.now, work.policy.sends_events
    )
