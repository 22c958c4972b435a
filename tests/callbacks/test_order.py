"""The same reports make the same of a message, in whatever order and number they come."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app.store.deliveries import AttemptOutcome
from app.workers.courier import LEASE
from tests.examples import examples

from .reports import TOLD_AT, Reporter, told

SETTLED = None
"""Stands for the worker's own word among the reports."""

ON_ITS_WAY = ["ACCEPTED", "UNKNOWN", "SCHEDULED", "BUFFERED", "ENROUTE"]
NOT_DELIVERED = ["UNDELIVERABLE", "REJECTED", "SKIPPED", "DELETED"]

# A gateway says one thing of a message that did not arrive: expired, or refused.
REPORTS = st.builds(
    lambda transient, end, negatives: [*transient, *end, *negatives],
    st.lists(st.sampled_from(ON_ITS_WAY), max_size=3),
    st.lists(st.just("DELIVERED"), max_size=1),
    st.lists(st.sampled_from(NOT_DELIVERED), max_size=2) | st.just(["EXPIRED"]),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[str | None], list[str | None]]:
    """Two histories of the same events: each report at least once, the settling exactly once."""
    reports: list[str] = draw(REPORTS)
    repeated = reports * draw(st.sampled_from([1, 2]))
    return draw(st.permutations([*reports, SETTLED])), draw(st.permutations([*repeated, SETTLED]))


async def end_of(reporter: Reporter, history: list[str | None], outcome: AttemptOutcome) -> str:
    attempt = await reporter.begun()
    for status in history:
        if status is None:
            await reporter.settle(attempt, outcome)
        else:
            await reporter.tell(told(attempt, status, time=TOLD_AT + len(status)))
    return await reporter.status(attempt)


@pytest.mark.parametrize(
    "outcome", [AttemptOutcome.ACCEPTED, AttemptOutcome.UNCERTAIN, AttemptOutcome.REFUSED]
)
@settings(
    max_examples=examples(200),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(both=histories())
async def test_order_and_number_of_reports_do_not_matter(
    reporter: Reporter,
    outcome: AttemptOutcome,
    both: tuple[list[str | None], list[str | None]],
) -> None:
    one, other = both
    ends = await end_of(reporter, one, outcome), await end_of(reporter, other, outcome)
    assert ends[0] == ends[1]
    if "DELIVERED" in one:
        assert ends[0] == "DELIVERED"
    elif set(one) & {"EXPIRED", *NOT_DELIVERED}:
        assert ends[0] in ("EXPIRED", "FAILED")


@settings(
    max_examples=examples(200),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(reports=REPORTS, data=st.data())
async def test_replaying_all_that_was_ever_told_changes_nothing(
    reporter: Reporter, reports: list[str], data: st.DataObject
) -> None:
    outcome = data.draw(st.sampled_from([o for o in AttemptOutcome if o != "NOT_SENT"]))
    attempt = await reporter.begun()
    history = data.draw(st.permutations([*reports, SETTLED]))
    for status in history:
        if status is None:
            await reporter.settle(attempt, outcome)
        else:
            await reporter.tell(told(attempt, status))
    before = dict(await reporter.place.row(attempt.delivery_id))
    for status in data.draw(st.permutations(reports)):
        await reporter.tell(told(attempt, status))
    assert dict(await reporter.place.row(attempt.delivery_id)) == before


@pytest.mark.parametrize("dies_first", [True, False])
@pytest.mark.parametrize("status", [*ON_ITS_WAY, *NOT_DELIVERED, "EXPIRED", "DELIVERED"])
async def test_a_worker_that_died_makes_no_difference(
    shared_reporter: Reporter, status: str, dies_first: bool
) -> None:
    attempt = await shared_reporter.begun()
    if not dies_first:
        await shared_reporter.tell(told(attempt, status))
    shared_reporter.place.clock.turn(LEASE)
    await shared_reporter.place.recover()
    if dies_first:
        await shared_reporter.tell(told(attempt, status))
    expected = {"DELIVERED": "DELIVERED", "EXPIRED": "EXPIRED", **dict.fromkeys(ON_ITS_WAY, "SENT")}
    assert await shared_reporter.status(attempt) == expected.get(status, "FAILED")
