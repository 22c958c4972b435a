"""What the registers and booking systems send, for the tests of the citizen's facts."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson

from app.actions.citizen import upsert_citizen
from app.actions.conversation import register_conversation
from app.actions.membership import set_membership
from app.domain.authority import Authority, Insurance
from app.domain.citizen import CitizenDraft, PersonName
from app.domain.conversation import ConversationDraft
from app.domain.membership import MembershipPeriod
from app.domain.viewer import NEVER, Role, Viewer
from app.store.cpr import CprVault
from app.store.work import Done, Work
from tests.actions.desk import FUND, JOBCENTER_VIEWER, MUNICIPALITY, Desk, Outcome, day

Act = Callable[[Work], Awaitable[Done]]

VAULT = CprVault(b"k" * 32, b"i" * 32)
REGISTER = Viewer(Role.SYSTEM, "y-1", "DFDG", "DFDG", None, NEVER)
BOOKING = Viewer(Role.SYSTEM, "y-2", "Booking", "BOOKING", None, NEVER)
OTHER_BOOKING = Viewer(Role.SYSTEM, "y-3", "Summons", "SUMMONS", None, NEVER)
NUMBER, OTHER_NUMBER = "010190-4001", "010190-4002"
NAME = PersonName("Signe", "Kirkegaard")


def upsert(number: str = NUMBER, **facts: Any) -> Act:
    """An import of the facts given, and of no other."""

    async def act(work: Work) -> Done:
        work.vault = VAULT
        return await upsert_citizen(work, CitizenDraft(number, **facts))

    return act


def newcomer(number: str = NUMBER, **facts: Any) -> Act:
    """An import that has what a new citizen needs."""
    needed: dict[str, Any] = {
        "name": NAME,
        "municipality_code": MUNICIPALITY,
        "target_group": "CASH_BENEFIT_JOB_READY",
    }
    return upsert(number, **{**needed, **facts})


async def registered(desk: Desk, number: str = NUMBER, **facts: Any) -> UUID:
    """A new citizen as the register makes it."""
    return (await desk.run(REGISTER, newcomer(number, **facts))).done.citizen_id


async def dagpenge(desk: Desk, **facts: Any) -> UUID:
    """A dagpenge recipient whose contact course began today, member of a fund for years."""
    citizen_id = await registered(desk, target_group="UNEMPLOYMENT_BENEFIT", **facts)
    membership = MembershipPeriod(FUND, Insurance.FULL_TIME, day(-2000))
    await desk.run(REGISTER, lambda work: set_membership(work, citizen_id, membership))
    return citizen_id


async def published(desk: Desk, citizen_id: UUID, viewer: Viewer = JOBCENTER_VIEWER) -> Outcome:
    """A first held conversation, so that there is a plan."""
    own = Authority.UNEMPLOYMENT_FUND if viewer.role is Role.FUND else Authority.JOBCENTER
    draft = ConversationDraft(own, desk.now, "PHONE", "Du søger to job om ugen.")
    return await desk.run(viewer, lambda work: register_conversation(work, citizen_id, draft))


async def document(desk: Desk, citizen_id: UUID, audience: str = "FULL") -> Any:
    """What an audience may know of the citizen outside the plan."""
    body = await desk.value(
        "select body from citizen_document where citizen_id = $1 and audience = $2",
        *(citizen_id, audience),
    )
    return orjson.loads(body)


async def responsibilities(desk: Desk, citizen_id: UUID) -> list[tuple[str, str, str, str | None]]:
    """Authority, basis, first day and end of each period, oldest first."""
    found = (await document(desk, citizen_id))["responsibilities"]
    return [(r["authority"], r["basis"], r["valid_from"], r["valid_to"]) for r in found]
