"""Receipts and individual exemption."""

from app.rules.acknowledgement import has_the_right_method, may_be_exempted
from app.rules.breach import Breach

from .code_lists import (
    ACTIVITY_READY,
    COMBI,
    DAGPENGE,
    FUND,
    GROUPS,
    JOB_READY,
    JOBCENTER,
)


def test_the_citizen_acknowledges_digitally_and_staff_in_the_other_ways() -> None:
    for method in ("SIGNATURE", "DIGITAL_POST", "REFUSAL_NOTED"):
        assert has_the_right_method(method, FUND, FUND) is None
        assert has_the_right_method(method, None, FUND) is not None
    assert has_the_right_method("DIGITAL", JOBCENTER, JOBCENTER) is not None
    assert has_the_right_method("SIGNATURE", FUND, None) == Breach("R118", "NOT_RESPONSIBLE")


def test_an_individual_exemption_follows_the_matrix_and_needs_a_reason() -> None:
    for group in (DAGPENGE, COMBI, JOB_READY, GROUPS["EDU_BENEFIT_OBVIOUSLY_READY"]):
        (refused,) = may_be_exempted(group, "INDIVIDUAL", "Kan ikke læse")
        assert refused.code == "EXEMPTION_NOT_ALLOWED"
        assert may_be_exempted(group, "DIGITAL_POST", None) == []
    (refused,) = may_be_exempted(ACTIVITY_READY, "INDIVIDUAL", " ")
    assert refused.code == "REASON_REQUIRED"
    assert may_be_exempted(ACTIVITY_READY, "INDIVIDUAL", "Kan ikke læse") == []
