"""The numbered rules: all codes and sentences exist, and each rule is kept somewhere."""

import pkgutil
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module

import pytest

import app.rules
from app.rules.breach import REGISTRY, Breach, Finding, breaches, findings, rule
from app.rules.sources import CODES, SOURCES, Language, message

_NAMED = """
ADMISSION_REQUIRED ALREADY_ACKNOWLEDGED CONSENT_REQUIRED CONTACT_PERSON_REQUIRED CONTRACT_NOT_FOUND
EDUCATION_GOAL_REQUIRED EDUCATION_ORDER_NOT_ALLOWED ELEMENT_NOT_IN_COMPOSITION EXEMPTION_NOT_ALLOWED
FIRST_PLAN_OVERDUE FORBIDDEN FORBIDDEN_KIND FREE_TEXT_NOT_ALLOWED GOAL_NOT_IN_REQUIREMENT
GOAL_NOT_IN_SOUGHT HANDOVER_TOO_EARLY IMPORT_TOO_LONG INSTITUTION_REQUIRED INTERVENTION_INCOMPLETE
INVALID_PERIOD INVALID_WINDOW JOB_GOAL_REQUIRED KUI_EXPORT_REQUIRED LEGAL_TEXT_SUSPECTED
MIN_ONE_SOUGHT_JOB MISSING_SOUGHT_JOB NOT_CURRENT_VERSION NOT_FOUND NOT_RESPONSIBLE NO_GOAL_LINK
OFFER_TOO_EARLY OUTSIDE_SHORTAGE_AREA PHONE_ATTEMPT_REQUIRED PLAN_EXISTS PLAN_NOT_AVAILABLE
PLAN_NOT_PUBLISHED PROPOSAL_REQUIRED REASON_REQUIRED RECOMMENDATION_REQUIRES_AGREEMENT
REQUIREMENT_INCOMPLETE REQUIREMENT_NOT_ALLOWED REQUIREMENT_NOT_IN_SOUGHT SCOPE_REQUIRED
SOUGHT_JOB_REQUIRED_FOR_CV SOUGHT_NOT_IN_GOAL SUBGOAL_NOT_ALLOWED SUPPORT_NEED_REQUIRED
TEXT_TOO_LONG VALID_TEST_EXISTS VERSION_CONFLICT WRONG_ISSUER
"""
NAMED_CODES = _NAMED.split()
"""The codes that the specification names."""

OWN_CODES = {
    *("INVALID_GOAL", "INVALID_PRIORITY", "INVALID_HOURS", "INVALID_STEP", "INVALID_PLAN_TYPE"),
    *("STEP_LOCKED", "DEADLINE_PASSED", "COURSE_INTERVENTION_MISSING"),
    *("INVALID_TARGET_GROUP", "MEETING_HELD", "MEETING_CANCELLED", "ADDRESS_MISSING"),
    *("CODE_WRONG", "CODE_EXPIRED", "TOO_MANY_CODES"),
    *("INTERVENTION_OVER", "KIND_CHANGED", "NOT_AN_OFFER", "NOT_REACHED"),
    *("ALREADY_DECIDED", "NAMES_HIDDEN_INTERVENTION"),
}
"""Codes of rules for which the specification names none."""

_HARD = """
2 3 4 6 8 18 19 21 22 23 24 25 30 31 32 33 37 38 39 40 41 42 44 45 46 48 49 54 56 61 62 67 70 71 72
76 78 79 80 84 85 90 91 92 93 95 96 97 98 99 101 102 103 105 109 112 113 116 117 118 121 125 133 137
139 146 150 151 152 153 154 155
"""
HARD = [f"R{number}" for number in _HARD.split()]
SOFT = [f"R{number}" for number in (7, 27, 35, 51, 83, 94, 100, 134)]


@dataclass(frozen=True)
class Example:
    """Details for every placeholder, whatever the sentence."""

    rule: str
    code: str
    details: dict[str, object] = field(default_factory=dict)


def _example(number: str, code: str) -> Example:
    names = SOURCES[number].placeholders(code)
    return Example(number, code, dict.fromkeys(names, date(2026, 3, 10)))


@pytest.fixture(scope="module", autouse=True)
def _all_rules_registered() -> None:
    for module in pkgutil.iter_modules(app.rules.__path__, "app.rules."):
        import_module(module.name)


def test_there_are_51_named_codes_and_each_has_sentences() -> None:
    assert len(NAMED_CODES) == len(set(NAMED_CODES)) == 51
    assert set(NAMED_CODES) - CODES == set()


def test_own_codes_are_few_and_known() -> None:
    assert CODES - set(NAMED_CODES) == OWN_CODES


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_sentence_can_be_made(language: Language) -> None:
    for number, source in SOURCES.items():
        for code in source.codes:
            sentence = message(_example(number, code), language)
            assert sentence.endswith("."), (number, code)
            assert "{" not in sentence


def test_both_languages_name_the_same_details_or_fewer() -> None:
    for number, source in SOURCES.items():
        for code, sentences in source.codes.items():
            assert set(sentences) == {"da", "en"}, (number, code)


def test_every_hard_and_soft_rule_is_a_function_or_says_where_it_is_kept() -> None:
    for number in [*HARD, *SOFT]:
        assert number in SOURCES, number
        assert REGISTRY.get(number) or SOURCES[number].kept, number


def test_the_types_are_those_of_the_specification() -> None:
    assert [n for n, source in SOURCES.items() if source.kind == "HARD"] == HARD
    assert [n for n, source in SOURCES.items() if source.kind == "SOFT"] == SOFT


def test_every_function_that_keeps_a_rule_says_what_it_keeps() -> None:
    for functions in REGISTRY.values():
        assert all(function.__doc__ for function in functions)


def test_a_danish_sentence_writes_dates_and_codes_in_words() -> None:
    too_early = Breach("R90", earliest=date(2026, 3, 10))
    assert "10. marts 2026" in message(too_early)
    assert "2026-03-10" in message(too_early, "en")
    assert message(Breach("R21", issuer="UNEMPLOYMENT_FUND")).startswith("Det er a-kassen")


@pytest.mark.parametrize("day", [date.min, date(999, 12, 31), date.max])
def test_a_sentence_can_be_made_of_any_day_there_is(day: date) -> None:
    breach = Breach("R90", earliest=day)
    assert day.isoformat() in message(breach, "en")
    assert f" {day.day}. " in message(breach, "da")


def test_a_breach_with_a_foreign_code_or_without_its_details_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="R2 has no code WRONG_ISSUER"):
        Breach("R2", "WRONG_ISSUER")
    with pytest.raises(ValueError, match="R90 OFFER_TOO_EARLY needs earliest"):
        Breach("R90")
    with pytest.raises(ValueError, match="R31 is not a rule that can be broken"):
        Breach("R31")


def test_a_rule_is_registered_under_an_existing_number_only() -> None:
    with pytest.raises(ValueError, match="no rule R156"):
        rule("R156")
    with pytest.raises(ValueError, match="no rule"):
        rule()


def test_breaches_and_warnings_are_told_apart() -> None:
    answers = [None, Breach("R2"), [Finding("R94"), None, Breach("R8")], iter([Finding("R83")])]
    assert [b.rule for b in breaches(*answers[:3])] == ["R2", "R8"]
    assert [f.rule for f in findings(*answers)] == ["R94", "R83"]


def test_breaches_are_equal_by_value_and_a_warning_is_no_breach() -> None:
    assert Breach("R71", path=("input",)) == Breach("R71", path=("input",))
    assert len({Breach("R2"), Breach("R2")}) == 1
    different: object = Finding("R94")
    assert Breach("R94") != different
