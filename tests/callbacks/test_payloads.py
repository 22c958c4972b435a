"""What a gateway signs may be anything: it is taken, and what cannot be understood is left out."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings, strategies as st

from tests.examples import examples

from .reports import TOLD_AT, Reporter, token, told

STRANGE: list[object] = [
    *(None, True, [], {}, "", "\x00", "a\x00b", "0", "æ" * 200, "-1", "NaN", 0, -1, 0.5, -0.0),
    *(2**31, 2**53, 2**63 - 1, 2**64 - 1, -(2**63), 1e308, -1e308, 9_999_999_999_999, 253402300800),
]
RAW = [
    *(b"null", b"5", b'"x"', b"[", b"{", b"\xff\xfe", b'{"userref": "\\ud800"}', b"[" * 5000),
    *(b'{"time": 1e999}', b'{"time": NaN}', b'{"id": ' + b"9" * 5000 + b"}", b'{"a":1,"a":2}'),
]
# a value as JSON has it, within what can be written down as JSON at all
VALUES = st.recursive(
    st.sampled_from(STRANGE)
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FIELDS = ("id", "msisdn", "time", "status", "error", "code", "userref", "country_code")
TIMES: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)

fuzzed = settings(
    max_examples=examples(600),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@fuzzed
@given(
    payload=st.dictionaries(
        st.sampled_from(FIELDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        VALUES,
    )
    | VALUES
)
async def test_whatever_is_signed_is_taken(reporter: Reporter, payload: Any) -> None:
    await reporter.tell(payload)
    assert await reporter.receipts() == []


async def test_whatever_bytes_are_signed_are_taken(reporter: Reporter) -> None:
    for raw in RAW:
        # the gateway would repeat in vain what no reader understands
        assert (await reporter.send(token(raw))).status_code == 200, raw


@fuzzed
@given(
    strange=st.dictionaries(
        st.sampled_from([field for field in FIELDS if field not in ("userref", "time")]), VALUES
    ),
    time=TIMES | VALUES,
)
@example(strange={"status": "DELIVERED\x00"}, time=None)
@example(strange={"status": "DELIVERED", "code": "0x\x00", "id": "\x00"}, time=True)
@example(strange={"status": "DELIVERED", "id": 2**64 - 1}, time=4102444800)
@example(strange={"status": "DELIVERED", "id": "x" * 101}, time=946684799.999)
async def test_a_message_of_ours_is_reported_whatever_else_is_told(
    reporter: Reporter, strange: dict[str, Any], time: Any
) -> None:
    attempt = await reporter.sent()
    await reporter.tell(told(attempt, **{**strange, "time": time}))
    assert len(await reporter.receipts(attempt)) == 1
    final = {"DELIVERED", "EXPIRED", "FAILED"}
    known = strange.get("status", "DELIVERED") in (*final, "DELIVERED")
    assert (await reporter.status(attempt) in final) == known


async def test_what_tells_no_usable_time_is_noted_once_too(reporter: Reporter) -> None:
    attempt = await reporter.sent()
    for time in (None, "today", -1, 10**18, True, float(2**70)):
        await reporter.tell(told(attempt, time=time))
    [receipt] = await reporter.receipts()
    assert receipt["at"] == reporter.place.clock.now
    await reporter.tell(told(attempt, time=TOLD_AT + 0.5))
    assert len(await reporter.receipts()) == 2
