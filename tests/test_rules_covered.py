"""Every rule is kept by something that exists, and shown by tests on both its sides."""

import pytest

from app.rules.sources import SOURCES
from tests.rule_table import SIDES, TABLE, is_there, keepers, marks, table

ALL = [f"R{number}" for number in range(1, 156)]


def test_all_155_rules_have_a_source_and_stand_in_their_order() -> None:
    assert list(SOURCES) == ALL


@pytest.mark.parametrize("number", ALL)
def test_a_rule_is_kept_by_something_that_is_there(number: str) -> None:
    kept = keepers(number)
    assert kept, f"{number} is kept by nothing"
    assert [place for place in kept if not is_there(place)] == []


@pytest.mark.parametrize("number", ALL)
def test_a_rule_is_shown_where_it_lets_through_and_where_it_does_not(number: str) -> None:
    shown = {mark.side for mark in marks() if mark.rule == number}
    assert shown == set(SIDES)


def test_every_mark_names_a_rule_and_a_side() -> None:
    wrong = [mark for mark in marks() if mark.rule not in ALL or mark.side not in SIDES]
    assert wrong == []


def test_the_table_of_rules_is_the_one_in_the_documentation() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(), "run `make snapshots`"
