"""What several actions ask of their input before the rules are asked."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.viewer import Role
from app.errors import BadUserInput, NotFound
from app.rules.breach import Path
from app.store.work import Work

Given = tuple[str | None, Path]
"""A code of an input and where it stands; None is not looked up."""

_PHONE: Final = re.compile(r"\+?[0-9]{8,15}")


def refuse_hidden_plan(work: Work, case: Case) -> None:
    """Raises `NotFound` for a fund where it may not see a plan of this type (R88)."""
    if work.viewer.role is Role.FUND and not case.plan_type_visible_to_fund:
        raise NotFound("There is no such plan.")


def published_plan(work: Work, case: Case) -> UUID:
    """The plan as the viewer sees it; raises `NotFound` when there is none (R88)."""
    hidden = work.viewer.role is Role.FUND and not case.plan_type_visible_to_fund
    version = case.fund_version if work.viewer.role is Role.FUND else case.full_version
    if case.plan_id is None or not version or hidden:
        raise NotFound("There is no such plan.")
    return case.plan_id


def refuse_to_open_for_nothing(work: Work, case: Case, content: object) -> None:
    """Raises `NotFound` where there is no plan and nothing to write: a plan begins with content.

    For a fund there is none either while the plan holds only what is hidden from it (R87).
    """
    unseen = case.plan_id is None or (
        work.viewer.role is Role.FUND
        and not case.fund_version
        and case.plan_id not in work.touches  # not opened by this very operation
    )
    if unseen and not content:
        raise NotFound("There is no plan yet.")


def office_of_tasks(case: Case) -> tuple[Authority, str]:
    """Authority and organisation code of who looks after what the plan lacks.

    It is who is responsible; the jobcenter instead of a fund that may not see the plan (R88).
    """
    responsible = case.responsibility
    if responsible is None or (
        responsible.authority is Authority.UNEMPLOYMENT_FUND and not case.plan_type_visible_to_fund
    ):
        return Authority.JOBCENTER, case.municipality_code
    return responsible.authority, responsible.organisation


async def refuse_unknown_occupations(work: Work, given: Sequence[Given]) -> None:
    """Raises `BadUserInput` with the path of the first code that is no occupation."""
    await _refuse_unknown(work, "unknown_occupations", given, "There is no such occupation.")


async def refuse_unknown_municipalities(work: Work, given: Sequence[Given]) -> None:
    """Raises `BadUserInput` with the path of the first code that is no municipality."""
    await _refuse_unknown(work, "unknown_municipalities", given, "There is no such municipality.")


async def _refuse_unknown(work: Work, query: str, given: Sequence[Given], message: str) -> None:
    codes = {code for code, _ in given if code is not None}
    if not codes:
        return
    unknown = {row["code"] for row in await work.fetch(query, sorted(codes))}
    for code, path in given:
        if code in unknown:
            raise BadUserInput(message, path)


async def shortage_of(work: Work, citizen_id: UUID, codes: Iterable[str | None]) -> dict[str, str]:
    """Occupation code -> shortage status in the citizen's region today (R49)."""
    wanted = sorted({code for code in codes if code is not None})
    if not wanted:
        return {}
    rows = await work.fetch("shortage_of_occupations", citizen_id, wanted, work.today)
    return {row["code"]: row["status"] for row in rows}


def written(text: str | None) -> str | None:
    """The text without space around it; None when nothing is left.

    >>> written(" Svejser "), written("  "), written(None)
    ('Svejser', None, None)
    """
    return (text or "").strip() or None


def required(text: str | None, path: Path) -> str:
    """The text without space around it; raises `BadUserInput` when nothing is left."""
    found = written(text)
    if found is None:
        raise BadUserInput("This must not be empty.", path)
    return found


def phone_number(text: str | None, path: Path) -> str | None:
    """A phone number without its spaces; raises `BadUserInput` for what is none.

    >>> phone_number("+45 00 11 33 37", ())
    '+4500113337'
    """
    digits = "".join((text or "").split())
    if digits and not _PHONE.fullmatch(digits):
        raise BadUserInput("This must be a phone number of 8 to 15 digits.", path)
    return digits or None


def refuse_twice(ids: Iterable[tuple[str | None, Path]]) -> None:
    """Raises `BadUserInput` for an id that a list names a second time."""
    seen: set[str] = set()
    for given, path in ids:
        if given is not None and given in seen:
            raise BadUserInput("This is in the list already.", path)
        if given is not None:
            seen.add(given)
