"""The citizen's own list "Jeg søger job som" (R30-R37)."""

from app.domain.authority import Authority
from app.domain.target_group import TargetGroup
from app.rules.breach import Breach, Finding, Path, rule


@rule("R30", "R31")
def keeps_minimum(group: TargetGroup, remaining: int, path: Path = ()) -> Breach | None:
    """After a removal the group's minimum of sought jobs is left: 1 for obliged groups, else 0."""
    if remaining >= group.sought_jobs_minimum:
        return None
    return Breach("R30", path=path, minimum=group.sought_jobs_minimum)


@rule("R32")
def is_an_occupation(occupation_code: str | None, path: Path = ()) -> Breach | None:
    """A sought job is an occupation of the list, never free text.

    >>> is_an_occupation("7212")
    >>> is_an_occupation(None).code
    'FREE_TEXT_NOT_ALLOWED'
    """
    return None if occupation_code else Breach("R32", path=path)


@rule("R33")
def may_be_written(by_citizen: bool, registration_open: bool) -> Breach | None:
    """The citizen writes the list; staff only while the citizen's registration is open.

    >>> may_be_written(by_citizen=False, registration_open=True)
    >>> may_be_written(by_citizen=False, registration_open=False).code
    'FORBIDDEN'
    """
    return None if by_citizen or registration_open else Breach("R33")


@rule("R35")
def is_there(group: TargetGroup, sought_jobs: int, responsible: Authority | None) -> Finding | None:
    """A published plan of an obliged citizen has a sought job; the task is `responsible`'s."""
    if sought_jobs >= group.sought_jobs_minimum:
        return None
    return Finding("R35", responsible=responsible or Authority.JOBCENTER)


@rule("R36")
def needs_approval(group: TargetGroup) -> bool:
    """The jobcenter approves the sought jobs of obliged groups other than dagpenge.

    A change by the citizen resets the approval.
    """
    return group.sought_jobs_minimum > 0 and not group.is_unemployment_benefit


@rule("R37")
def cv_may_be_searchable(
    group: TargetGroup, searchable: bool, sought_jobs: int, path: Path = ("searchable",)
) -> Breach | None:
    """A non-obliged citizen with a searchable CV has at least one sought job."""
    refused = searchable and sought_jobs == 0 and group.sought_jobs_minimum == 0
    return Breach("R37", path=path) if refused else None
