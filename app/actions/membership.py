"""Membership of an unemployment fund, as the register sends it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from app.actions.responsibility import derive_responsibility, memberships_of
from app.domain.authority import Authority
from app.domain.membership import MembershipPeriod
from app.errors import BadUserInput
from app.store.cases import lock_case
from app.store.work import Done, Work


async def set_membership(work: Work, citizen_id: UUID, membership: MembershipPeriod) -> Done:
    """Stores a membership; an earlier one that overlaps ends where it begins.

    No document changes by it: what a fund reads of one is decided as it reads. The citizen is
    not told. Raises `NotFound` for a citizen out of reach, `BadUserInput` for an unknown fund
    and an empty period.
    """
    case = await lock_case(work, citizen_id)
    done = Done(citizen_id, None, {"citizen_id": citizen_id})
    first, end = membership.valid_from, membership.valid_to
    if end is not None and end <= first:
        raise BadUserInput("A membership ends after it begins.", path=("input", "to"))
    fund_id = await work.fetchval("find_office", "UNEMPLOYMENT_FUND", membership.fund)
    if fund_id is None:
        raise BadUserInput("There is no such unemployment fund.", path=("input", "fundCode"))
    stored = await memberships_of(work, citizen_id)
    if membership in stored:
        return done
    await work.execute("end_membership_before", citizen_id, first)
    await work.execute("drop_memberships_within", citizen_id, first, end)
    if end is not None:
        await work.execute("begin_membership_after", citizen_id, first, end)
    await work.execute("add_membership", citizen_id, fund_id, membership.insurance, first, end)
    work.touch_citizen(citizen_id)
    before = _funds_of(stored, work.today)
    after = _funds_of(await memberships_of(work, citizen_id), work.today)
    for fund in before - after:
        work.left.add((citizen_id, Authority.UNEMPLOYMENT_FUND, fund))
    await derive_responsibility(work, case, first)
    return done


def _funds_of(memberships: Iterable[MembershipPeriod], day: date) -> set[str]:
    return {membership.fund for membership in memberships if membership.covers(day)}
