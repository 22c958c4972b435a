"""The plan description: who has one and who writes it."""

import pytest

from app.domain.authority import Authority
from app.rules.breach import Breach, breaches, findings
from app.rules.description import description, variant

from .code_lists import (
    ACTIVITY_READY,
    COMBI,
    FUND,
    GROUPS,
    JOBCENTER,
)


@pytest.mark.rule("R54", "allowed")
@pytest.mark.rule("R54", "refused")
@pytest.mark.rule("R55", "allowed")
@pytest.mark.rule("R56", "allowed")
def test_a_description_is_written_by_the_responsible_jobcenter_where_the_group_has_one() -> None:
    for group in GROUPS.values():
        codes = [b.code for b in breaches(description("Vejen", group, JOBCENTER, JOBCENTER))]
        assert codes == ([] if variant(group) else ["ELEMENT_NOT_IN_COMPOSITION"])
    assert [g.code for g in GROUPS.values() if variant(g) != g.description_variant] == []


@pytest.mark.parametrize(("own", "responsible"), [(JOBCENTER, FUND), (FUND, FUND), (FUND, None)])
@pytest.mark.rule("R56", "refused")
def test_nobody_else_writes_the_description(own: Authority, responsible: Authority | None) -> None:
    (refused,) = breaches(description("Vejen", COMBI, own, responsible))
    assert refused == Breach("R56")


def test_a_description_with_legal_text_only_warns() -> None:
    answers = description("Efter § 41", ACTIVITY_READY, JOBCENTER, None)
    assert breaches(answers) == []
    assert [f.code for f in findings(answers)] == ["LEGAL_TEXT_SUSPECTED"]
