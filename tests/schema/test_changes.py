"""What a new schema breaks for clients of the last released one is named before it goes out."""

import re
from pathlib import Path

import pytest

from app.schema.changes import changes_between, judged
from app.schema.printed import printed_schema
from app.schema.released import Released

ROOT = Path(__file__).parents[2]
OLD = '''
directive @listSize(slicingArguments: [String!], requireOneSlicingArgument: Boolean = true)
  on FIELD_DEFINITION

type Query {
  """
  The plan.
  For: citizen, fund.
  """
  plan(id: ID!, view: View = SHORT, months: Int! = 6): Plan
  plans(first: Int, last: Int): [Plan]
  search(by: By!): Plan
  page(size: Int!): [Plan]
}
type Plan { id: ID!, name: String }
type Mutation { rename(input: Renaming!): Plan }
enum View { SHORT LONG }
input Renaming { name: String!, reason: String, notes: Int! = 0 }
input By { id: ID, name: String }
'''
BREAKING = [
    ("id: ID!, name: String }\ntype Mut", "id: ID! }\ntype Mut", "Field Plan.name was removed."),
    ("SHORT LONG", "SHORT", "Enum value View.LONG was removed."),
    ("plan(id: ID!,", "plan(id: ID!, on: Int!,", "A required argument Query.plan(on:) was added."),
    ("months: Int! = 6", "months: Int!", "Argument Query.plan(months:) became required."),
    (
        "reason: String, ",
        "reason: String, on: Int!, ",
        "A required field Renaming.on was added.",
    ),
    ("notes: Int! = 0", "notes: Int!", "Input field Renaming.notes became required."),
    ("input By {", "input By @oneOf {", "Input By became @oneOf."),
    (
        "last: Int): [Plan]",
        'last: Int): [Plan] @listSize(slicingArguments: ["first", "last"])',
        "Query.plans demands a slicing argument.",
    ),
    ("For: citizen, fund.", "For: citizen.", "Query.plan is no longer for fund."),
    ("name: String }\ntype Mut", "name: Int }\ntype Mut", "Field Plan.name changed type"),
]
QUIET = [
    ("id: ID!, name: String }\ntype Mut", "id: ID!, name: String, age: Int }\ntype Mut"),
    ("For: citizen, fund.", "For: citizen, jobcenter, fund."),
    ("The plan.", "The whole plan."),
    ("type Mutation", "type Office { id: ID! }\ntype Mutation"),
    ("name: String }\ntype Mut", 'name: String @deprecated(reason: "see id") }\ntype Mut'),
    ("input Renaming { name: String!", "input Renaming { name: String"),
    ("size: Int!): [Plan]", 'size: Int!): [Plan] @listSize(slicingArguments: ["size"])'),
    (
        "last: Int): [Plan]",
        'last: Int): [Plan] @listSize(slicingArguments: ["first"]'
        ", requireOneSlicingArgument: false)",
    ),
]
DANGEROUS = [
    ("SHORT LONG", "SHORT LONG WHOLE", "Enum value View.WHOLE was added."),
    ("view: View = SHORT", "view: View = LONG", "Query.plan(view:) has changed defaultValue"),
    ("search(by: By!)", "search(by: By!, on: Int)", "optional argument Query.search(on:)"),
]


def changed(old: str, new: str) -> str:
    assert OLD.count(old) == 1
    return OLD.replace(old, new)


@pytest.mark.parametrize(("old", "new", "named"), BREAKING)
def test_a_breaking_change_is_named(old: str, new: str, named: str) -> None:
    breaking, _ = changes_between(OLD, changed(old, new))
    assert [one for one in breaking if one.startswith(named)] == breaking != []


@pytest.mark.parametrize(("old", "new"), QUIET)
def test_what_no_client_can_notice_is_quiet(old: str, new: str) -> None:
    assert changes_between(OLD, changed(old, new)) == ([], [])


@pytest.mark.parametrize(("old", "new", "named"), DANGEROUS)
def test_a_dangerous_change_is_named_and_breaks_nothing(old: str, new: str, named: str) -> None:
    breaking, dangerous = changes_between(OLD, changed(old, new))
    assert breaking == [] and len(dangerous) == 1 and named in dangerous[0]


def test_an_input_may_stop_to_be_one_of() -> None:
    one_of = changed("input By {", "input By @oneOf {")
    assert changes_between(one_of, OLD) == ([], [])


def test_a_break_goes_out_only_with_a_reason_for_just_that_break(tmp_path: Path) -> None:
    released, broken = Released(tmp_path), changed("SHORT LONG", "SHORT")
    assert released.judge(broken) == ([], False)  # nothing was promised yet
    released.write(OLD)
    line = "breaking: Enum value View.LONG was removed."
    assert released.judge(broken) == ([line], True)
    released.accepted.write_text("# why\nEnum value View.LONG was removed. --\n")
    assert released.judge(broken) == ([line], True)
    released.accepted.write_text("# why\nEnum value View.LONG was removed. -- nobody asked\n")
    assert released.judge(broken) == ([], False)
    assert released.judge(OLD) == (
        ["accepted, but not made: Enum value View.LONG was removed."],
        True,
    )
    released.write(broken)
    assert released.accepted.read_text() == "# why\n"
    assert released.judge(broken) == ([], False)


def test_the_schema_keeps_what_the_last_release_promised() -> None:
    accepted = (ROOT / "docs" / "accepted-changes.txt").read_text()
    changes = changes_between((ROOT / "docs" / "released.graphql").read_text(), printed_schema())
    assert judged(changes, accepted) == []


def test_a_field_and_a_role_taken_from_the_real_schema_are_named() -> None:
    released = (ROOT / "docs" / "released.graphql").read_text()
    without = re.sub(r'\n  """[^"]*"""\n  publishedAt: DateTime!', "", released, count=1)
    assert without != released
    assert any("publishedAt was removed" in one for one in changes_between(released, without)[0])
    narrowed = released.replace("For: citizen, jobcenter, fund.", "For: citizen, jobcenter.", 1)
    assert narrowed != released
    assert [one for one in changes_between(released, narrowed)[0] if "no longer for fund" in one]
