"""R51: sought jobs, requirements and job goals compared by occupation."""

import pytest

from app.domain.document import JobSearchRequirement
from app.rules.consistency import job_goal_consistency

from .example_parts import cases, occupation, requirements, sought_jobs
from .example_plans import plan_document


def found(case_id: str, asked: list[JobSearchRequirement] | None = None) -> list[tuple[str, str]]:
    plan = plan_document(case_id)
    findings = job_goal_consistency(
        sought_jobs(case_id),
        plan["requirements"] if asked is None else asked,
        plan["job_goals"],
        plan["today"],
    )
    return [(finding["code"], finding["occupation"]["label"]) for finding in findings]


@pytest.mark.parametrize(
    "case_id", [number for number, case in cases().items() if "consistency_findings" in case]
)
@pytest.mark.rule("R51", "refused")
def test_the_findings_are_those_of_the_worked_example(case_id: str) -> None:
    expected = cases()[case_id]["consistency_findings"]
    assert found(case_id) == [(item["code"], item["occupation"]) for item in expected]


def test_only_requirements_that_hold_today_are_compared() -> None:
    over, coming = requirements("B1-1"), requirements("B1-1")
    over[0]["valid_to"] = "2019-11-20"
    coming[0]["valid_from"] = "2019-11-22"
    for asked in (over, coming, []):
        assert found("B1-1", asked) == [
            ("GOAL_NOT_IN_SOUGHT", "Rørlægger"),
            ("SOUGHT_NOT_IN_GOAL", "Svejser"),
        ]


def test_a_required_occupation_that_nobody_seeks_comes_first_and_once() -> None:
    asked = requirements("B1-1")
    asked[0]["occupations"] = [occupation("Smed"), occupation("Smed")]
    assert found("B1-1", asked)[0] == ("REQUIREMENT_NOT_IN_SOUGHT", "Smed")
    assert len(found("B1-1", asked)) == 4


@pytest.mark.rule("R51", "allowed")
def test_goals_in_free_words_are_not_compared() -> None:
    assert found("B1-4") == []


def test_a_requirement_by_industry_alone_has_nothing_to_compare_goals_with() -> None:
    asked = requirements("B1-1")
    asked[0]["occupations"], asked[0]["industries"] = [], ["Metal"]
    assert "GOAL_NOT_IN_REQUIREMENT" not in {code for code, _ in found("B1-1", asked)}
