"""The plan description (R54-R56, R59)."""

from typing import Literal

from app.domain.authority import Authority
from app.domain.target_group import ElementCode, TargetGroup
from app.rules import text as length
from app.rules.breach import Breach, Finding, Path, rule
from app.rules.plan import is_in_own_words


@rule("R54")
def group_has_description(group: TargetGroup, path: Path = ()) -> Breach | None:
    """Compositions A1 and A2 have no description."""
    return None if group.has(ElementCode.PLAN_DESCRIPTION) else Breach("R54", path=path)


@rule("R55")
def variant(group: TargetGroup) -> Literal["AGREED_PATH", "CASEWORKER_COMMENT"] | None:
    """Which heading the description has; the words are in the texts."""
    return group.description_variant if group.has(ElementCode.PLAN_DESCRIPTION) else None


@rule("R56")
def is_written_by_responsible_jobcenter(
    own: Authority, responsible: Authority | None, path: Path = ()
) -> Breach | None:
    """Only the jobcenter, and only while it is responsible, writes the description.

    >>> is_written_by_responsible_jobcenter(Authority.JOBCENTER, Authority.JOBCENTER)
    >>> is_written_by_responsible_jobcenter(Authority.JOBCENTER, Authority.UNEMPLOYMENT_FUND).code
    'NOT_RESPONSIBLE'
    """
    both = {own, responsible or Authority.JOBCENTER}
    return None if both == {Authority.JOBCENTER} else Breach("R56", path=path)


@rule("R59")
def holds_rehabilitation_part(covers: bool, plan_type: str, path: Path = ()) -> Breach | None:
    """Only the description of a rehabilitation plan can hold its part on the interventions.

    >>> holds_rehabilitation_part(True, "REHABILITATION_PLAN")
    >>> holds_rehabilitation_part(True, "JOB_PLAN").code
    'ELEMENT_NOT_IN_COMPOSITION'
    """
    return Breach("R59", path=path) if covers and plan_type != "REHABILITATION_PLAN" else None


def description(
    text: str,
    group: TargetGroup,
    own: Authority,
    responsible: Authority | None,
    path: Path = ("input", "text"),
) -> list[Breach | Finding | None]:
    """All rules for a written description."""
    return [
        group_has_description(group, path),
        is_written_by_responsible_jobcenter(own, responsible),
        length.fits(text, length.PLAN_DESCRIPTION["text"], path),
        is_in_own_words(text, path),
    ]
