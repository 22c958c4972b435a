"""Target groups and intervention kinds as `db/codes` has them, for the tests of the rules."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from app.domain.authority import Authority
from app.domain.intervention import InterventionKind
from app.domain.target_group import Element, TargetGroup

_CODES = Path(__file__).parents[2] / "db" / "codes"


def _rows(name: str) -> list[dict[str, Any]]:
    words = {"yes": True, "no": False, "": None}
    with (_CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {key: words.get(cell, cell) for key, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def _elements() -> dict[str, tuple[Element, ...]]:
    found: dict[str, list[Element]] = defaultdict(list)
    for row in sorted(_rows("compositions"), key=lambda row: int(row["position"])):
        found[row["composition"]].append(Element(row["element"], row["only_if_any"]))
    return {code: tuple(elements) for code, elements in found.items()}


def _groups() -> dict[str, TargetGroup]:
    elements = _elements()
    return {
        row["code"]: TargetGroup(
            code=row["code"],
            obliged=row["obliged"],
            plan_types=tuple(row["plan_types"].split("|")),
            composition=row["composition"],
            elements=elements[row["composition"]],
            job_goal_rule=row["job_goal_rule"],
            education_goal_rule=row["education_goal_rule"],
            description_variant=row["description_variant"],
            requirement_issuer=row["requirement_issuer"] and Authority(row["requirement_issuer"]),
            education_steps=row["education_steps"],
            contract=row["contract"],
            sought_jobs_minimum=int(row["sought_jobs_minimum"]),
            individually_exemptible=row["individually_exemptible"],
            shows_find_job=row["shows_find_job"],
            fund_first_three_months=row["fund_first_three_months"],
        )
        for row in _rows("target_groups")
    }


GROUPS: Final = _groups()
KINDS: Final = {
    row["code"]: InterventionKind(
        row["code"],
        row["type_name"],
        row["timeline_label"],
        row["hidden_from_fund"],
        row["fund_may_create"],
        row["vitas_import"],
    )
    for row in _rows("intervention_kinds")
}
DAGPENGE: Final = GROUPS["UNEMPLOYMENT_BENEFIT"]
COMBI: Final = GROUPS["UNEMPLOYMENT_BENEFIT_EDU_ORDER"]
JOB_READY: Final = GROUPS["CASH_BENEFIT_JOB_READY"]
ACTIVITY_READY: Final = GROUPS["CASH_BENEFIT_ACTIVITY_READY"]
EDU_READY: Final = GROUPS["EDU_BENEFIT_EDU_READY"]
OBVIOUSLY_READY: Final = GROUPS["EDU_BENEFIT_OBVIOUSLY_READY"]
JOB_TRACK: Final = GROUPS["EDU_BENEFIT_JOB_TRACK"]
RESOURCE: Final = GROUPS["RESOURCE_PROGRAMME"]
INTEGRATION: Final = GROUPS["INTEGRATION_PROGRAMME"]
JOBCENTER, FUND = Authority.JOBCENTER, Authority.UNEMPLOYMENT_FUND
