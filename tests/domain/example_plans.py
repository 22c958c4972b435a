"""The invented example cases as plan documents, built straight from db/demo/examples.json."""

from app.domain.document import PlanDocument

from .example_parts import (
    agreement,
    cases,
    code_list,
    code_rows,
    education_order,
    intervention,
    job_goal,
    meeting,
    requirements,
)


def plan_document(case_id: str, *, viewer_is_citizen: bool = True) -> PlanDocument:
    """The document of a case, with the ids of the example as ids."""
    case = cases()[case_id]
    data, group = case["data"], code_list("target_groups")[case["target_group"]]
    description = data["plan_description"]
    agreements = sorted(
        map(agreement, data["conversations"]), key=lambda item: item["held_at"], reverse=True
    )
    newest = {item["authority"]: item for item in reversed(agreements)}
    return {
        "id": case_id,
        "citizen_id": case["citizen"]["ref"],
        "type": case["plan_type"],
        "status": "ACTIVE",
        "target_group": case["target_group"],
        "composition": case["composition"],
        "composition_elements": [
            {"code": row["element"], "only_if_any": row["only_if_any"] == "yes"}
            for row in code_rows("compositions")
            if row["composition"] == case["composition"]
        ],
        "shows_find_job": group["shows_find_job"] == "yes",
        "description_variant": group["description_variant"] or None,
        "lower_bound": case["citizen"]["first_benefit_date"],
        "holistic": False,
        "holistic_consent_at": None,
        "citizen_agrees": None,
        "agreement_comment": None,
        "job_goals": [job_goal(goal) for goal in data["job_goals"]],
        "education_goals": [
            {
                "id": goal["text"],
                "education_name": goal["text"],
                "education_code": None,
                "priority": goal["priority"],
                "agreed_by": goal["agreed_by"],
                "agreed_at": f"{case['today']}T08:00:00+00:00",
            }
            for goal in data["education_goals"]
        ],
        "description": {
            "variant": description["variant"],
            "text": description["text"],
            "author": description["author"],
            "updated_at": f"{description['updated_on']}T08:00:00+00:00",
            "covers_rehabilitation_part": description["covers_rehabilitation_part"],
            "replies": [],
        }
        if description
        else None,
        "latest_agreement_jobcenter": newest.get("JOBCENTER"),
        "latest_agreement_unemployment_fund": newest.get("UNEMPLOYMENT_FUND"),
        "agreements": agreements,
        "requirements": requirements(case_id),
        "interventions": [intervention(number) for number in data["interventions"]],
        "meetings": [meeting(item) for item in data["meetings"]],
        "other_agreements": [],
        "education_order": data["education_order"] and education_order(data["education_order"]),
        "test_results": [],
        "contract": data["contract"],
        "comments": [],
        "version": 1,
        "published_at": f"{case['today']}T08:00:00+00:00",
        "acknowledgement": None,
        "today": case["today"],
        "now": f"{case['today']}T12:00:00+00:00",
        "viewer_is_citizen": viewer_is_citizen,
    }
