"""Comments by the citizen, and who may read and answer them (R57, R58)."""

from typing import Literal

from app.domain.authority import Authority
from app.domain.case import Case, Fund
from app.domain.target_group import TargetGroup
from app.rules.breach import Breach, Path, rule
from app.rules.description import variant

ReplyTarget = Literal["DESCRIPTION", "STEP"]
"""What a youth answers: the caseworker's comment, or the step of the education order."""


@rule("R57")
def may_be_replied_to(
    group: TargetGroup, target: ReplyTarget, path: Path = ("input", "target")
) -> Breach | None:
    """A youth answers the caseworker's comment and the step; other groups have neither."""
    if target == "DESCRIPTION":
        present = variant(group) == "CASEWORKER_COMMENT"
    else:
        present = group.education_steps
    return None if present else Breach("R57", path=path)


@rule("R58")
def reading_fund(case: Case) -> Fund | None:
    """The fund that may read what is written now, for good: it is responsible and sees the plan.

    A fund that has no plan of the citizen yet gets none with a comment: what the comment is about
    is hidden from it (R87).
    """
    period = case.responsibility
    if period is None or period.authority is not Authority.UNEMPLOYMENT_FUND:
        return None
    fund = case.fund
    if fund is None or fund.code != period.organisation:
        return None
    return fund if case.plan_type_visible_to_fund and case.fund_version else None
