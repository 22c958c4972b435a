"""The check of answers finds what is wrong with one that was tampered with."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse, validate

from tests.fuzz.answers import CODES, problems
from tests.fuzz.documents import SCHEMA

ASKED = parse("""
{ citizen(id: "1") { id plan { version publishedAt
    elements { __typename ... on JobGoalsElement { goals { text priority } }
      ... on TimelineElement { heading } }
    agreements { id authority } ...More } }
  nobody: citizen(id: "2") { id @skip(if: true) rightAndDuty @include(if: true) }
  targetGroups { __typename code sought: soughtJobsMinimum } }
fragment More on Plan { agreements { agreementText } }
""")
ANSWER: dict[str, Any] = {
    "data": {
        "citizen": {
            "id": "1",
            "plan": {
                "version": 3,
                "publishedAt": "2026-03-02T09:00:00+01:00",
                "elements": [
                    {
                        "__typename": "JobGoalsElement",
                        "goals": [{"text": "Smed", "priority": 1}],
                    },
                    {"__typename": "TimelineElement", "heading": "Tidslinje"},
                ],
                "agreements": [{"id": "7", "authority": "JOBCENTER", "agreementText": "Hej"}],
            },
        },
        "nobody": None,
        "targetGroups": [{"__typename": "TargetGroup", "code": "1.1", "sought": 2}],
    },
    "errors": [
        {
            "message": "Not found.",
            "locations": [{"line": 1, "column": 1}],
            "path": ["nobody"],
            "extensions": {"code": "NOT_FOUND"},
        }
    ],
    "extensions": {"cost": {"requested": 1}},
}


def plan(answer: Any) -> Any:
    return answer["data"]["citizen"]["plan"]


def test_the_answer_was_right() -> None:
    assert validate(SCHEMA, ASKED) == []
    assert problems(SCHEMA, ASKED, ANSWER) == []
    assert {"BAD_USER_INPUT", "INTERNAL", "RATE_LIMITED"} <= CODES


TAMPERED: dict[str, Callable[[Any], object]] = {
    "no data, no error": lambda a: (a.update(data=None), a.pop("errors")),
    "another member": lambda a: a.update(more=1),
    "null where none may be": lambda a: plan(a).update(version=None),
    "null in a list": lambda a: plan(a)["elements"].append(None),
    "no list": lambda a: plan(a).update(agreements={}),
    "a list": lambda a: a["data"].update(citizen=[a["data"]["citizen"]]),
    "a text for a number": lambda a: plan(a).update(version="3"),
    "a truth for a number": lambda a: plan(a).update(version=True),
    "too large a number": lambda a: plan(a).update(version=2**31),
    "a number for an id": lambda a: a["data"]["citizen"].update(id=1),
    "no such time": lambda a: plan(a).update(publishedAt="yesterday"),
    "no such enum value": lambda a: plan(a)["agreements"][0].update(authority="KING"),
    "no such type": lambda a: plan(a)["elements"][0].update(__typename="Plan"),
    "another type's fields": lambda a: plan(a)["elements"][1].update(goals=[]),
    "a field too few": lambda a: plan(a)["agreements"][0].pop("agreementText"),
    "a field too many": lambda a: plan(a).update(title="x"),
    "another order": lambda a: plan(a).update(version=plan(a).pop("version")),
    "what was to be skipped": lambda a: a["data"].update(nobody={"id": "2", "rightAndDuty": "x"}),
    "an alias forgotten": lambda a: a["data"]["targetGroups"][0].update(soughtJobsMinimum=1),
    "errors that are none": lambda a: a.update(errors=[]),
    "an error without a code": lambda a: a["errors"][0].pop("extensions"),
    "a code of nobody's": lambda a: a["errors"][0].update(extensions={"code": "OOPS"}),
    "a fault inside": lambda a: a["errors"][0].update(extensions={"code": "INTERNAL"}),
    "an error without words": lambda a: a["errors"][0].update(message=None),
    "a stack in an error": lambda a: a["errors"][0].update(stack="x"),
    "a path to a value": lambda a: a["errors"][0].update(path=["citizen"]),
    "a path to nothing": lambda a: a["errors"][0].update(path=["citizen", "nope"]),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_found(how: str) -> None:
    answer = copy.deepcopy(ANSWER)
    TAMPERED[how](answer)
    assert problems(SCHEMA, ASKED, answer) != []
