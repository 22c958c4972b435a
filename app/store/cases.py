"""The facts of a citizen's case, read under the lock that lets one writer in at a time."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from app.domain.authority import Authority, Basis, ResponsibilityPeriod
from app.domain.case import Case, Fund
from app.domain.target_group import Element, TargetGroup
from app.domain.viewer import Role
from app.errors import Forbidden, NotFound, VersionConflict
from app.store.work import ORGANISATION_KIND, Work


async def lock_case(work: Work, citizen_id: UUID, expected_version: int | None = None) -> Case:
    """The case of a citizen within the viewer's reach.

    Raises `NotFound` for any other citizen, `VersionConflict` when the viewer's own version of
    the plan is not `expected_version` (R113).
    """
    viewer = work.viewer
    work.wanted.add(citizen_id)
    locked = await work.fetchval(
        "lock_citizen",
        citizen_id,
        viewer.role,
        viewer.organisation_code,
        viewer.citizen_id,
        work.today,
    )
    if locked is None:
        raise NotFound("There is no such citizen.")
    row = await work.fetchrow("read_case", citizen_id, work.today)
    if row is None:  # a citizen without a target group has no case yet
        raise NotFound("There is no such citizen.")
    case = _case(row)
    if viewer.role is Role.FUND and (
        case.fund is None or case.fund.code != viewer.organisation_code
    ):
        # the membership ended while this operation waited for the lock
        raise NotFound("There is no such citizen.")
    if expected_version is not None:
        await _refuse_another_version(work, case, expected_version)
    return case


async def _refuse_another_version(work: Work, case: Case, expected: int) -> None:
    """Raises `VersionConflict` unless the viewer reads that version, also of a closed plan.

    A plan that a fund may not see has no version for it, open or closed (R88): what it reads is 0.
    """
    fund = work.viewer.role is Role.FUND
    current = case.full_version
    if fund:
        current = case.fund_version if case.plan_type_visible_to_fund else 0
    if not current:
        # the plan before, closed, is what is read until the next has a version
        audience = "FUND" if fund else "FULL"
        current = await work.fetchval("shown_version", case.citizen_id, audience) or 0
    if expected != current:
        raise VersionConflict(current)


async def lock_in_order(work: Work, citizens: Iterable[UUID]) -> None:
    """Locks citizens in the order of their ids, so that nobody waits crosswise for them."""
    await work.execute("lock_in_order", sorted(citizens))


async def plan_of(work: Work, case: Case) -> UUID:
    """The plan that the operation writes in; opened here when nothing was written before (R1)."""
    if case.plan_id is not None:
        return case.plan_id
    opened: UUID = await work.fetchval("open_plan", case.citizen_id, work.now)
    return opened


async def caseworker_of(work: Work) -> UUID:
    """The viewer as a caseworker of its organisation, under the name it first wrote with.

    Raises `Forbidden` for an unknown organisation, and for a newcomer without a name.
    """
    viewer = work.viewer
    found: UUID | None = await work.fetchval(
        "find_caseworker",
        ORGANISATION_KIND[viewer.role],
        viewer.organisation_code,
        viewer.subject,
        viewer.name,
    )
    if found is None:
        await organisation_of(work)
        raise Forbidden("Your login carries no name, and what you write is shown with it.")
    return found


async def organisation_of(work: Work) -> asyncpg.Record:
    """Id and name of the viewer's organisation; raises `Forbidden` if it is not known."""
    viewer = work.viewer
    found = await work.fetchrow(
        "find_organisation", ORGANISATION_KIND[viewer.role], viewer.organisation_code
    )
    if found is None:
        raise Forbidden("Your organisation is not known here.")
    return found


async def target_group(work: Work, code: str) -> TargetGroup | None:
    """A target group by its code, with the composition of its plans."""
    row = await work.fetchrow("target_groups", code)
    return group_from(row) if row else None


def authority_of(role: Role) -> Authority:
    """The authority a caseworker writes for."""
    return Authority.UNEMPLOYMENT_FUND if role is Role.FUND else Authority.JOBCENTER


def group_from(row: asyncpg.Record) -> TargetGroup:
    """A `TargetGroup` from a row with target_group, plan_types, elements and only_if_any."""
    group = row["target_group"]
    issuer = group["requirement_issuer"]
    return TargetGroup(
        code=group["code"],
        obliged=group["obliged"],
        plan_types=tuple(row["plan_types"]),
        composition=group["composition"],
        elements=tuple(map(Element, row["elements"], row["only_if_any"])),
        job_goal_rule=group["job_goal_rule"],
        education_goal_rule=group["education_goal_rule"],
        description_variant=group["description_variant"],
        requirement_issuer=Authority(issuer) if issuer else None,
        education_steps=group["education_steps"],
        contract=group["contract"],
        sought_jobs_minimum=group["sought_jobs_minimum"],
        individually_exemptible=group["individually_exemptible"],
        shows_find_job=group["shows_find_job"],
        fund_first_three_months=group["fund_first_three_months"],
        valid_from=group["valid_from"],
        valid_to=group["valid_to"],
    )


def _case(row: asyncpg.Record) -> Case:
    responsibility = None
    if row["authority"] is not None:
        responsibility = ResponsibilityPeriod(
            Authority(row["authority"]),
            row["organisation_code"],
            Basis(row["basis"]),
            row["valid_from"],
            row["valid_to"],
        )
    fund = Fund(row["fund_id"], row["fund_code"]) if row["fund_id"] else None
    same = (
        *("citizen_id", "plan_id", "plan_type", "plan_type_visible_to_fund", "municipality_code"),
        *("region", "birth_date", "right_and_duty", "registration_open"),
        *("has_vocational_education", "has_dependent_children", "current_step", "full_version"),
        *("fund_version", "has_job_goal", "has_free_text_goal", "has_education_goal"),
        "sought_jobs",
    )
    return Case(
        target_group=group_from(row),
        fund=fund,
        responsibility=responsibility,
        **{name: row[name] for name in same},
    )
