"""The rows of the timeline, and its list."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.domain.document import Intervention, Meeting, OtherAgreement
from app.domain.timeline import WINDOW_MONTHS, Timeline, timeline
from app.domain.timeline_row import TimelineItem, rows
from app.texts import text

from .example_parts import cases, intervention, meeting
from .example_plans import plan_document

MONTHS = st.sampled_from(WINDOW_MONTHS)
_KINDS = {
    "TimelineRequirement": "JOB_SEARCH_REQUIREMENT",
    "TimelineIntervention": "INTERVENTION",
    "TimelineAgreement": "AGREEMENT",
    "TimelineMeeting": "AGREEMENT",
}


def expected_timeline(case: dict[str, Any]) -> dict[str, Any] | None:
    found = [item for item in case["citizen_view"] if item["element"] == "TIMELINE"]
    return found[0] if found else None


def row_of_the_example(row: TimelineItem) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "label": row["label"],
        "kind": _KINDS[row["type_name"]],
        "ref": row["id"],
        "start": row["start"],
        "end": row["end"],
    }
    if row["type_name"] == "TimelineRequirement":
        shown["issuer"] = row["requirement"]["issuer"]
    elif row["type_name"] == "TimelineIntervention":
        shown["intervention_kind"] = row["intervention"]["kind"]
        if row["intervention"]["scheme"]:
            shown["scheme"] = row["intervention"]["scheme"]
    elif row["type_name"] == "TimelineAgreement":
        shown |= {"authority": row["agreement"]["authority"], "agreement_type": "PAST_AGREEMENT"}
    elif row["type_name"] == "TimelineMeeting":
        shown |= {"authority": row["meeting"]["authority"], "agreement_type": "FUTURE_MEETING"}
    return shown


@pytest.mark.parametrize(
    "case_id", [number for number, case in cases().items() if expected_timeline(case)]
)
@pytest.mark.rule("R136", "allowed")
@pytest.mark.rule("R142", "allowed")
@pytest.mark.rule("R137", "allowed")
@pytest.mark.rule("R74", "allowed")
def test_a_timeline_from_today_is_that_of_the_worked_example(case_id: str) -> None:
    expected = expected_timeline(cases()[case_id])
    assert expected
    shown = timeline(plan_document(case_id), None, expected["window_months"])
    assert [row_of_the_example(row) for row in shown["items"]] == expected["rows"]
    assert [tick["label"] for tick in shown["ticks"]] == expected["ticks"]
    assert shown["window"] == {
        "start": expected["window_start"],
        "end": expected["window_end"],
        "months": expected["window_months"],
        "title": expected["window_title"],
    }
    assert shown["views"] == expected["views"]
    assert (shown["hint"], shown["today_link"], shown["calendar_link_label"]) == (
        expected["hint"],
        expected["today_link"],
        expected["footer_link"],
    )


@pytest.mark.rule("R73", "allowed")
def test_the_words_of_the_timeline_are_those_of_the_texts() -> None:
    shown = timeline(plan_document("B1-1"))
    assert shown["hint"] == text("timeline.hint")
    assert shown["today_link"] == text("timeline.today")
    assert shown["calendar_link_label"] == text("timeline.calendar")
    assert shown["views"] == [text("timeline.view_timeline"), text("timeline.view_list")]
    wanted = {text(f"timeline.{kind}_JOBCENTER") for kind in ("agreement", "requirement")}
    assert wanted == labels("B1-2") & wanted
    assert text("timeline.requirement_UNEMPLOYMENT_FUND") in labels("D-2")
    assert text("timeline.agreement_UNEMPLOYMENT_FUND") in labels("D-2")


def labels(case_id: str) -> set[str]:
    return {row["label"] for row in timeline(plan_document(case_id))["items"]}


def refs(shown: Timeline) -> list[str]:
    return [row["id"] for row in shown["items"]]


def test_an_old_agreement_is_reached_by_going_back() -> None:
    plan = plan_document("B1-1")
    assert "B1-1-C1" not in refs(timeline(plan))
    assert refs(timeline(plan, date(2019, 10, 20), 3)) == [
        *("B1-1-R1", "B2-4", "B2-1", "B1-1-C1", "B1-1-C2")
    ]


@pytest.mark.parametrize(
    ("status", "starts_on", "is_shown"),
    [
        ("PLANNED", "2019-12-04", True),
        ("CHANGED", "2019-12-04", True),
        ("CANCELLED", "2019-12-04", False),
        ("HELD", "2019-12-04", False),
        ("PLANNED", "2019-11-21", True),
        ("PLANNED", "2019-11-20", False),
    ],
)
@pytest.mark.rule("R136", "refused")
def test_a_meeting_is_shown_until_it_is_called_off_held_or_over(
    status: str, starts_on: str, is_shown: bool
) -> None:
    plan = plan_document("B1-4")
    plan["meetings"] = [{**plan["meetings"][0], "status": status, "starts_on": starts_on}]
    shown = timeline(plan, date(2019, 11, 1), 3)
    assert ("B1-4-M1" in refs(shown)) == is_shown


@pytest.mark.rule("R136", "refused")
@pytest.mark.rule("R65", "refused")
def test_a_conversation_without_agreement_text_shows_nothing() -> None:
    plan = plan_document("B1-2")
    plan["agreements"] = [{**item, "agreement_text": " \n"} for item in plan["agreements"]]
    assert [row["type_name"] for row in timeline(plan)["items"]] == [
        *("TimelineRequirement", "TimelineIntervention", "TimelineIntervention")
    ]


@pytest.mark.rule("R136", "refused")
def test_a_cancelled_intervention_is_no_row() -> None:
    plan = plan_document("B1-2")
    cancelled: Intervention = {
        **intervention("B2-2"),
        "cancelled_at": "2019-11-20T08:00:00+01:00",
    }
    plan["interventions"] = [intervention("S-1"), cancelled]
    assert "B2-2" not in refs(timeline(plan))


def job_fair(number: str, starts_at: str, cancelled: bool = False) -> OtherAgreement:
    return {
        "id": number,
        "title": f"Jobmesse {number}",
        "kind": "JOB_FAIR",
        "starts_at": starts_at,
        "ends_at": None,
        "starts_on": starts_at[:10],
        "place": "Odense Congress Center",
        "description": None,
        "organiser": "JOBCENTER",
        "external_id": number,
        "cancelled": cancelled,
    }


def test_rows_stand_by_kind_and_time_whatever_the_order_of_the_document() -> None:
    plan = plan_document("O-2")
    plan["other_agreements"] = [
        job_fair("late", "2024-11-05T10:00:00+01:00"),
        job_fair("gone", "2024-10-30T10:00:00+01:00", cancelled=True),
        job_fair("early", "2024-09-20T10:00:00+02:00"),
    ]
    before = plan_document("O-2")["meetings"][0]
    same_day: Meeting = {**before, "id": "first", "starts_at": "2024-10-22T08:30:00+00:00"}
    plan["meetings"] = [before, same_day]
    plan["interventions"] = plan["interventions"][::-1]
    by_start = ["S-16", "S-15", "S-17", "S-19", "S-18"]
    assert refs(timeline(plan)) == [*by_start, "O-2-C1", "first", "O-2-M1", "early", "late"]


def test_the_list_begins_with_this_month_and_goes_on_backwards_after_the_last_month() -> None:
    plan = plan_document("O-2")
    plan["today"] = "2024-10-01"
    shown = timeline(plan, date(2024, 8, 15), 6, "LIST")
    assert [(group["month"], group["label"]) for group in shown["groups"]] == [
        ("2024-10", "Oktober 2024"),
        ("2024-09", "September 2024"),
        ("2024-08", "August 2024"),
    ]
    months = [[row["id"] for row in group["items"]] for group in shown["groups"]]
    assert months[0] == ["O-2-M1"]
    assert months[1] == ["S-18", "S-19", "O-2-C1"]
    assert months[2] == ["S-17", "S-15", "S-16"]


@given(anchor=st.dates(date(2021, 1, 1), date(2026, 1, 1)), months=MONTHS)
def test_the_list_has_the_same_items_as_the_timeline(anchor: date, months: int) -> None:
    plan = plan_document("O-2")
    drawn, listed = timeline(plan, anchor, months), timeline(plan, anchor, months, "LIST")
    assert drawn["items"] == listed["items"]
    assert drawn["groups"] == []
    grouped = [row["id"] for group in listed["groups"] for row in group["items"]]
    assert sorted(grouped) == sorted(refs(listed))


def test_a_meeting_of_the_examples_is_shown_on_its_day_in_copenhagen() -> None:
    late: Meeting = {
        **meeting(cases()["B1-4"]["data"]["meetings"][0]),
        "starts_at": "2019-12-03T23:30:00+00:00",
        "starts_on": "2019-12-04",
    }
    plan = plan_document("B1-4")
    plan["meetings"] = [late]
    assert timeline(plan)["items"][-1]["start"] == "2019-12-04"


def test_a_requirement_replaced_on_its_own_first_day_is_no_row() -> None:
    plan = plan_document("B1-2")
    held = plan["requirements"][0]
    never = date.fromisoformat(held["valid_from"]) - timedelta(days=1)
    replaced = {**held, "id": "replaced", "valid_to": never.isoformat()}
    plan["requirements"] = [held, replaced]  # type: ignore[list-item]  # a copy of the same shape
    assert [row["id"] for row in rows(plan) if row["type_name"] == "TimelineRequirement"] == [
        held["id"]
    ]
