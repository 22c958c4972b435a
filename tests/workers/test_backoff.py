"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from app.workers.backoff import GIVE_UP_AFTER, SendWindow, next_attempt

NOON = datetime(2026, 3, 3, 11, tzinfo=UTC)
WINDOW = SendWindow()


def test_the_pauses_are_1_5_15_60_minutes_and_then_an_hour() -> None:
    pauses = []
    for attempts in range(1, 7):
        due = next_attempt(NOON, attempts=attempts, first_tried_at=NOON, window=WINDOW)
        assert due is not None
        pauses.append((due - NOON) / timedelta(minutes=1))
    assert pauses == [1, 5, 15, 60, 60, 60]


def test_the_provider_may_ask_for_a_longer_pause_but_not_for_a_shorter_one() -> None:
    def due(retry_after: float) -> datetime | None:
        return next_attempt(
            NOON, attempts=2, first_tried_at=NOON, window=WINDOW, retry_after=retry_after
        )

    assert due(1) == NOON + timedelta(minutes=5)
    assert due(900) == NOON + timedelta(minutes=15)
    assert due(999_999) == NOON + timedelta(days=1)


def test_an_attempt_after_closing_time_waits_for_the_morning() -> None:
    late = datetime(2026, 3, 3, 20, 58, tzinfo=UTC)
    due = next_attempt(late, attempts=2, first_tried_at=late, window=WINDOW)
    assert due == datetime(2026, 3, 4, 8, tzinfo=UTC)


@given(
    st.timedeltas(timedelta(), timedelta(days=2)),
    st.integers(1, 60),
    st.floats(0, 999_999) | st.none(),
)
def test_an_attempt_is_later_and_inside_the_window_or_was_the_last(
    since: timedelta, attempts: int, retry_after: float | None
) -> None:
    now = NOON + since
    due = next_attempt(
        now, attempts=attempts, first_tried_at=NOON, window=WINDOW, retry_after=retry_after
    )
    if since >= GIVE_UP_AFTER:
        assert due is None
    else:
        assert due is not None
        assert due > now
        assert WINDOW.is_open(due)
