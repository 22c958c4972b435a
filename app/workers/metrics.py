"""What the delivery of notices tells operations (Prometheus)."""

from prometheus_client import Counter, Gauge

from app.store.refusals import REFUSED as REFUSED, REFUSED_LOST as REFUSED_LOST

ATTEMPTS = Counter(
    "minplan_delivery_attempts",
    "Calls of a provider with a message, by what came of the call: ACCEPTED, RETRY, REFUSED,"
    " UNCERTAIN, or NOT_SENT (the claim ran out before it).",
    ["channel", "provider", "outcome"],
)
OUTCOMES = Counter(
    "minplan_delivery_outcomes",
    "Where messages went after an attempt or instead of one: their status, or TAKEN_OVER when the"
    " claim ran out before the outcome could be stored.",
    ["channel", "status"],
)
UNCERTAIN_DECISIONS = Counter(
    "minplan_delivery_uncertain_decisions",
    "Uncertain messages that no receipt settled in time, by the choice: RESEND or SILENCE.",
    ["channel", "decision"],
)
RECEIPTS = Counter(
    "minplan_receipts",
    "What SMS gateways told afterwards, by its meaning: ACCEPTED, DELIVERED, FAILED, EXPIRED, or"
    " unknown (no message of ours) or forged (not signed by a gateway).",
    ["verdict"],
)
OPERATOR_ALARMS = Counter(
    "minplan_delivery_operator_alarms",
    "Attempts that failed because of settings, account or credit: no retry will help.",
    ["channel", "reason"],
)
LOST_CLAIMS = Counter(
    "minplan_delivery_lost_claims",
    "Deliveries taken over from a worker that never told what became of them.",
    ["channel"],
)
PROVIDER_STATE = Gauge(
    "minplan_provider_state",
    "Whether a provider is asked: 0 always, 1 one message to see how it fares, 2 not now.",
    ["provider"],
)
BACKLOG_MESSAGES = Gauge(
    "minplan_backlog_messages",
    "Messages on their way, by status; UNCERTAIN ones that are not decided about.",
    ["channel", "kind", "status"],
)
BACKLOG_OLDEST_DUE = Gauge(
    "minplan_backlog_oldest_due_seconds",
    "How long the message that is due for longest might have been sent; 0 outside the window.",
    ["channel", "kind"],
)
BACKLOG_OLDEST_READY = Gauge(
    "minplan_backlog_oldest_ready_seconds",
    "How long ago the oldest message on its way became ready.",
    ["channel", "kind"],
)
BACKLOG_READY = Gauge(
    "minplan_backlog_ready_last_hour",
    "Messages that became ready within an hour and at least so many minutes ago.",
    ["channel", "kind", "minutes"],
)
BACKLOG_LATE = Gauge(
    "minplan_backlog_late_share",
    "Share of those that no provider had accepted so many minutes after they were ready.",
    ["channel", "kind", "minutes"],
)
BACKLOG_DECIDED = Gauge(
    "minplan_backlog_uncertain_decided_last_day",
    "Uncertain messages decided about within 24 hours: RESEND or SILENCE.",
    ["channel", "kind", "decision"],
)
BACKLOG_FAILED = Gauge(
    "minplan_backlog_failed_last_day",
    "Messages given up within 24 hours: FAILED or EXPIRED.",
    ["channel", "kind", "status"],
)
BACKLOG_MEASURED = Gauge(
    "minplan_backlog_measured_timestamp_seconds",
    "When the database last told what waits, in seconds since 1970; 0 never.",
)
PURGED = Counter("minplan_purge_rows", "Rows taken away or emptied by the purge.", ["kind"])
PURGE_ENDED = Gauge(
    "minplan_purge_ended_timestamp_seconds",
    "When a purge last came to its end, in seconds since 1970; 0 never.",
)
WAKE_FAILURES = Counter(
    "minplan_delivery_wake_failures",
    "Wake-ups that did not reach the queue; the sweep finds the deliveries instead.",
)
EVENT_ATTEMPTS = Counter(
    "minplan_event_attempts",
    "Attempts to send an event to the common data base, by what became of it: DELIVERED, PENDING"
    " (failed, and tried again), DEAD, or TAKEN_OVER when the claim ran out.",
    ["outcome"],
)
EVENT_OPERATOR_ALARMS = Counter(
    "minplan_event_operator_alarms",
    "Attempts that failed by the receiver's refusal, a redirect or settings: somebody must look.",
    ["reason"],
)
EVENT_LOST_CLAIMS = Counter(
    "minplan_event_lost_claims",
    "Events taken over from a worker that never told what became of them.",
)
EVENTS_OLDEST = Gauge(
    "minplan_events_oldest_pending_seconds",
    "How long the oldest event that is neither delivered nor dead has waited; 0 when none is.",
)
EVENTS_WAITING = Gauge("minplan_events_pending", "Events that are neither delivered nor dead.")
EVENTS_DEAD = Gauge("minplan_events_dead", "Events in the dead-letter list.")
LETTER_FILES = Counter(
    "minplan_letter_files",
    "Print files of letters, by what became of the work: WRITTEN, REMOVED, OVERTAKEN (written, but"
    " the letter was sent or dropped meanwhile, or taken away and written late meanwhile: it is"
    " taken away), FAILED (and tried again), or"
    " TAKEN_OVER when the claim ran out.",
    ["outcome"],
)
LETTER_OPERATOR_ALARMS = Counter(
    "minplan_letter_operator_alarms",
    "Print files that failed because of the folder, the bucket or the plan: somebody must look.",
    ["reason"],
)
LETTER_LOST_CLAIMS = Counter(
    "minplan_letter_lost_claims",
    "Print files taken over from a worker that never told what became of them.",
)
LETTERS_OLDEST = Gauge(
    "minplan_letters_oldest_unwritten_seconds",
    "How long the oldest open letter without a print file has waited; 0 when none does.",
)
LETTERS_WAITING = Gauge("minplan_letters_unwritten", "Open letters without a print file.")
LETTERS_FAILING = Gauge(
    "minplan_letters_failing",
    "Print files that could not be written, or taken away, at the last attempt.",
)
SCHEDULED = Counter(
    "minplan_schedule_done", "What fell due by the calendar and was dealt with, by kind.", ["kind"]
)
SCHEDULE_FAILURES = Counter(
    "minplan_schedule_failures",
    "What fell due and failed, by kind; it is tried again later.",
    ["kind"],
)
