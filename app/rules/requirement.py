"""Job search requirements (R21, R70-R72, R75). `valid_to` is inclusive."""

from datetime import date, timedelta

from app.domain.authority import Authority
from app.domain.requirement import RequirementDraft
from app.domain.target_group import TargetGroup
from app.rules import text
from app.rules.breach import Breach, Finding, Path, rule
from app.rules.plan import is_in_own_words


@rule("R72")
def group_has_requirements(group: TargetGroup, path: Path = ()) -> Breach | None:
    """Groups without an issuer get no requirement."""
    return Breach("R72", path=path) if group.requirement_issuer is None else None


@rule("R21")
def is_issued_by_the_right_authority(
    group: TargetGroup, own: Authority, path: Path = ()
) -> Breach | None:
    """Dagpenge: only the fund, in the whole period; other groups: only the jobcenter."""
    issuer = group.requirement_issuer
    if issuer is None or issuer is own:
        return None
    return Breach("R21", path=path, issuer=issuer)


@rule("R70")
def is_complete(draft: RequirementDraft, path: Path = ()) -> Breach | None:
    """At least one occupation or industry, and at least one area.

    >>> from app.domain.requirement import AreaDraft
    >>> day = date(2026, 3, 1)
    >>> is_complete(RequirementDraft(day, industries=("Bygge",), areas=(AreaDraft("101"),)))
    >>> is_complete(RequirementDraft(day)).details
    {'missing': ('occupations_or_industries', 'areas')}
    """
    missing = []
    if not draft.occupation_codes and not any(name.strip() for name in draft.industries):
        missing.append("occupations_or_industries")
    if not any(area.municipality_code or (area.label or "").strip() for area in draft.areas):
        missing.append("areas")
    return Breach("R70", path=path, missing=tuple(missing)) if missing else None


@rule("R71")
def states_scope(
    draft: RequirementDraft, own: Authority, path: Path = ("otherExpectations",)
) -> Breach | None:
    """A fund states under other expectations how many jobs the citizen must apply for."""
    if own is not Authority.UNEMPLOYMENT_FUND or (draft.other_expectations or "").strip():
        return None
    return Breach("R71", path=path)


@rule("R75")
def follows_the_previous(
    valid_from: date, valid_to: date | None, previous_from: date | None, path: Path = ()
) -> list[Breach]:
    """The period is not empty and starts no earlier than the requirement it replaces.

    previous_from: first day of the requirement in force, None when there is none.

    >>> day = date(2026, 3, 1)
    >>> follows_the_previous(day, day, previous_from=day)
    []
    >>> [b.path for b in follows_the_previous(day, date(2026, 2, 28), date(2026, 3, 2))]
    [('validTo',), ('validFrom',)]
    """
    refused = {
        "validTo": valid_to is not None and valid_to < valid_from,
        "validFrom": previous_from is not None and valid_from < previous_from,
    }
    return [Breach("R75", path=(*path, field)) for field, broken in refused.items() if broken]


@rule("R75")
def previous_ends_on(valid_from: date, previous_to: date | None = None) -> date:
    """Last day of the requirement that a new one from `valid_from` replaces: the day before.

    One replaced on its own first day gets an empty period and is history only. One that ended
    earlier keeps its end.

    >>> previous_ends_on(date(2026, 3, 1))
    datetime.date(2026, 2, 28)
    >>> previous_ends_on(date(2026, 3, 1), previous_to=date(2026, 1, 31))
    datetime.date(2026, 1, 31)
    """
    day_before = valid_from - timedelta(days=1)
    return day_before if previous_to is None else min(previous_to, day_before)


@rule("R75")
def ends_on_group_change(
    old: TargetGroup, new: TargetGroup, changed_on: date, valid_to: date | None = None
) -> date | None:
    """Last day of a requirement when the target group changes: the day of the change.

    Only a change of issuer (or to a group without one) ends it; else `valid_to` stays.
    """
    if old.requirement_issuer is new.requirement_issuer:
        return valid_to
    return changed_on if valid_to is None else min(valid_to, changed_on)


def requirement(
    draft: RequirementDraft,
    group: TargetGroup,
    own: Authority,
    previous_from: date | None,
    path: Path = ("input",),
) -> list[Breach | Finding | None]:
    """All rules for a requirement to be issued."""
    answers: list[Breach | Finding | None] = [
        group_has_requirements(group, path),
        is_issued_by_the_right_authority(group, own, path),
        is_complete(draft, path),
        states_scope(draft, own, (*path, "otherExpectations")),
        *follows_the_previous(draft.valid_from, draft.valid_to, previous_from, path),
        *text.all_fit(draft, text.REQUIREMENT, path),
        is_in_own_words(draft.agreement_text, (*path, "agreementText")),
        is_in_own_words(draft.other_expectations, (*path, "otherExpectations")),
    ]
    for index, industry in enumerate(draft.industries):
        answers.append(text.fits(industry, text.INDUSTRY, (*path, "industries", index)))
    for index, area in enumerate(draft.areas):
        answers += text.all_fit(area, text.AREA, (*path, "geographicAreas", index))
    return answers
