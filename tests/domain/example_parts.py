"""The example file, and its parts in the shape they have in a plan document."""

import csv
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from app.domain.document import (
    Agreement,
    EducationOrder,
    EducationStep,
    Intervention,
    JobGoal,
    JobSearchRequirement,
    Meeting,
    OccupationRef,
    SoughtJob,
)

_ROOT = Path(__file__).parents[2] / "db"


@cache
def _examples() -> dict[str, Any]:
    return cast(dict[str, Any], json.loads((_ROOT / "demo/examples.json").read_text()))


def cases() -> dict[str, dict[str, Any]]:
    """Every case that has data and a citizen's view, by id."""
    found = _examples()
    all_cases = [*found["plans"], *found["derived_plans"], *found["own_cases"]]
    return {case["id"]: case for case in all_cases if "data" in case}


def agreement_popups() -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in _examples()["agreements"]}


def example_interventions() -> dict[str, dict[str, Any]]:
    found = _examples()
    return {item["id"]: item for item in found["interventions"] + found["supporting_interventions"]}


@cache
def code_rows(name: str) -> list[dict[str, str]]:
    """The rows of a code list of db/codes."""
    with (_ROOT / f"codes/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def code_list(name: str) -> dict[str, dict[str, str]]:
    """The rows of a code list by their code."""
    return {row["code"]: row for row in code_rows(name)}


def occupation(label: str) -> OccupationRef:
    return {"code": f"test:{label}", "label": label, "scheme": "TEST"}


def sought_jobs(case_id: str) -> list[SoughtJob]:
    return [
        {
            "id": item["occupation"],
            "occupation": occupation(item["occupation"]),
            "added_at": f"{item['added_on']}T08:00:00+00:00",
            "added_during": item["added_during"],
            "assisted_by": None,
            "approved_by": item["approved_by"],
            "approved_at": None,
        }
        for item in cases()[case_id]["data"]["sought_jobs"]
    ]


def requirements(case_id: str) -> list[JobSearchRequirement]:
    return [
        {
            "id": item["id"],
            "issuer": item["issued_by"]["authority"],
            "organisation": item["issued_by"]["organisation"],
            "organisation_code": item["issued_by"]["organisation"],
            "caseworker": item["issued_by"]["caseworker"],
            "occupations": [occupation(label) for label in item["occupations"]],
            "industries": item["industries"],
            "geographic_areas": item["geographic_areas"],
            "agreement_text": item["agreement_text"],
            "other_expectations": item["other_expectations"],
            "expected_count": item["expected_count"],
            "full_time": item["full_time"],
            "unsolicited": item["unsolicited"],
            "valid_from": item["valid_from"],
            "valid_to": item["valid_to"],
        }
        for item in cases()[case_id]["data"]["requirements"]
    ]


def job_goal(goal: dict[str, Any]) -> JobGoal:
    is_occupation = goal["type"] == "OCCUPATION"
    return {
        "id": goal["text"],
        "text": goal["text"],
        "occupation": occupation(goal["text"]) if is_occupation else None,
        "job_function_text": None if is_occupation else goal["text"],
        "term": goal["term"],
        "long_term_description": goal.get("long_term_description"),
        "priority": goal["priority"],
        "sub_goals": [],
        "shortage_status": "UNKNOWN",
        "outside_shortage_reason": None,
        "confirmed_by": goal["confirmed_by"],
        "confirmed_at": f"{goal['confirmed_on']}T08:00:00+00:00",
    }


def _copenhagen_day(moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Copenhagen"))
    return local.date().isoformat()


def agreement(item: dict[str, Any]) -> Agreement:
    return {
        "id": item["id"],
        "authority": item["authority"],
        "organisation": item["organisation"],
        "organisation_code": "",
        "caseworker": item["caseworker"],
        "held_at": item["held_at"],
        "held_on": _copenhagen_day(item["held_at"]),
        "mode": item["mode"],
        "agreement_text": item["agreement_text"],
        "revision": 1,
        "corrected_at": None,
        "hidden_from_unemployment_fund": False,
    }


def meeting(item: dict[str, Any]) -> Meeting:
    return {
        "id": item["id"],
        "authority": item["authority"],
        "organisation": item["organisation"],
        "external_id": item["external_id"],
        "source": item["source"],
        "status": item["status"],
        "starts_at": item["starts_at"],
        "ends_at": item["ends_at"],
        "starts_on": _copenhagen_day(item["starts_at"]),
        "mode": item["mode"],
        "place": item["place"],
        "address": None,
        "map_url": None,
        "caseworker": item["caseworker"],
        "caseworker_role": item["caseworker_role"],
        "description": item["description"],
    }


def intervention(number: str) -> Intervention:
    """One of the pop-ups B2 and S as an intervention of a document."""
    item = example_interventions()[number]
    what, place = item["what"], item.get("where", item.get("who", {}))
    status = item["latest_status"]
    kind = code_list("intervention_kinds")[item["kind"]]
    return {
        "type_name": kind["type_name"],
        "id": number,
        "kind": item["kind"],
        "scheme": item.get("scheme"),
        "title": item["timeline_label"],
        "headline": None,
        "hours_per_week": what.get("hours_per_week"),
        "minutes_per_week": None,
        "description": what["description"],
        "agreed_with": what["agreed_with"],
        "agreed_organisation": what["agreed_org"],
        "start_date": item["when"]["start"],
        "end_date": item["when"]["end"],
        "cancelled_at": None,
        "why": item["why"],
        "latest_status": {
            "text": status["text"],
            "author": status["author"],
            "at": f"{status['on']}T08:00:00+00:00",
        }
        if status
        else None,
        "goal_links": [],
        "offer": None,
        "origin": item["origin"],
        "external_id": item.get("external_id"),
        "written_under_plan_type": item["written_under_plan_type"],
        "place": place.get("provider_place"),
        "contact_name": place.get("contact_person"),
        "contact_phone": place.get("contact_phone"),
        "contact_email": place.get("contact_email"),
        "occupation": what.get("occupation"),
        "workplace": place.get("workplace"),
        "company_address": place.get("company_address"),
        "cvr": None,
        "p_number": None,
        "course": what.get("course"),
        "provider": place.get("provider"),
        "mentor_name": what.get("mentor_name"),
        "mentor_tasks": what.get("mentor_tasks"),
        "aid_form": item.get("aid_form"),
        "aid_category": what.get("category"),
        "aid_purpose": item.get("aid_purpose"),
        "task_description": None,
        "code_list": what.get("code_list"),
        "code": what.get("code"),
        "code_label": what.get("code_label"),
        "facilitator_name": what.get("facilitator_name"),
        "hidden_from_unemployment_fund": item["hidden_from_unemployment_fund"],
    }


def education_order(order: dict[str, Any]) -> EducationOrder:
    last = order.get("step_4", {})
    applications = [
        {"id": str(index), **application} for index, application in enumerate(order["applications"])
    ]
    admitted = last.get("admitted_application")
    return cast(
        EducationOrder,
        {
            "current_step": order["current_step"],
            "steps": [_step(step, order) for step in order["steps"]],
            "applications": applications,
            "admitted_application": applications[0] if admitted else None,
            "start_date": last.get("start_date"),
            "started_on": None,
            "completed_on": None,
            "support_need": last.get("support_need"),
            "institution_contact": last.get("institution_contact"),
            "handover": None,
        },
    )


def _step(step: dict[str, Any], order: dict[str, Any]) -> EducationStep:
    first, second = order.get("step_1", {}), order.get("step_2", {})
    return {
        "id": f"step-{step['step']}",
        "step": step["step"],
        "opened_at": f"{step['opened_on']}T08:00:00+00:00",
        "opened_by": step["opened_by"],
        "caseworker": step["caseworker"],
        "deadline": step["deadline"],
        "status": step["status"],
        "sent_at": step["sent_at"],
        "late": step["late"],
        "education_proposals": first.get("proposals", []) if step["step"] == 1 else [],
        "institution_proposals": second.get("proposals", []) if step["step"] == 2 else [],
        "institution_reason": second.get("reason") if step["step"] == 2 else None,
    }
