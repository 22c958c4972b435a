"""A read fetches the sections its selection needs, and no others."""

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse

from app.schema.build import assembled
from app.schema.selection import Wanted, plan_sections, wanted_sections
from app.store.documents import ALL_SECTIONS, SECTION_BIT

ELEMENTS = {
    *("head", "job_goals", "education_goals", "description", "education", "contract"),
    *("latest_agreement_jobcenter", "latest_agreement_unemployment_fund"),
}
TIMELINE = {"requirements", "interventions", "agreements", "meetings"}


def wanted(query: str, *path: str) -> Wanted:
    """What the first root field of a query wants."""
    document = parse(query)
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    root = operation.selection_set.selections[0]
    assert isinstance(root, FieldNode)
    return wanted_sections([root], fragments, *path)


@pytest.mark.parametrize(
    ("selection", "sections"),
    [
        ("name { full }", set()),
        ("plan { id version type }", {"head"}),
        ("plan { jobGoals { text } }", {"head", "job_goals"}),
        ("plan { testResults { result } }", {"head", "education"}),
        ("plan { otherAgreements { title } }", {"head", "meetings"}),
        ("plan { jobGoalConsistency { code } }", {"head", "job_goals", "requirements"}),
        ("plan { timeline { hint } }", {"head", *TIMELINE}),
        ("plan { elements { __typename } }", ELEMENTS),
        ("plan { elements { ... on TimelineElement { timeline { hint } } } }", ELEMENTS | TIMELINE),
        ("plan(version: 3) { comments { text } }", {"head", "comments"}),
        ("viewAsCitizen { contract { fileName } }", {"head", "contract"}),
        ("conversations { id } requirements { id }", {"agreements", "requirements"}),
        ("meetings { id } plan { id }", {"head", "meetings"}),
    ],
)
def test_a_selection_names_its_sections(selection: str, sections: set[str]) -> None:
    answer = wanted(f'{{ citizen(id: "1") {{ {selection} }} }}')

    assert set(answer.elements) == sections
    assert answer.sections == sum(SECTION_BIT[name] for name in sections)


def test_fragments_aliases_and_repeated_fields_add_up() -> None:
    answer = wanted(
        """
        query Read {
            citizen(id: "1") { now: plan { ...Goals } plan { ... { meetings { id } } } ...More }
        }
        fragment Goals on Plan { jobGoals { text } ... on Plan { description { text } } }
        fragment More on Citizen { plan { contract { fileName } } }
        """
    )

    assert set(answer.elements) == {"head", "job_goals", "description", "meetings", "contract"}


def test_a_caseload_is_looked_at_below_its_nodes() -> None:
    answer = wanted(
        "{ caseload(first: 5) { edges { node { plan { interventions { id } } } } } }",
        "edges",
        "node",
    )

    assert set(answer.elements) == {"head", "interventions"}


def test_a_field_nobody_knows_asks_for_everything() -> None:
    assert wanted('{ citizen(id: "1") { plan { novelty } } }').sections == ALL_SECTIONS


def test_every_field_of_the_plan_is_known_by_name() -> None:
    fields = assembled()._schema.type_map["Plan"].fields  # type: ignore[attr-defined]  # an object type

    unknown = [name for name in fields if plan_sections({name: []}, {}) == ALL_SECTIONS]

    assert unknown == []
