"""What the delivery of notices tells operations (Prometheus)."""

from prometheus_client import Counter, Gauge

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
OLDEST_DUE = Gauge(
    "minplan_delivery_oldest_due_seconds",
    "How long the delivery that has waited longest is overdue; 0 outside the send window.",
    ["channel"],
)
PROVIDER_STATE = Gauge(
    "minplan_provider_state",
    "Whether a provider is asked, by its name: 0 yes, 1 one message at a time to see whether it has"
    " recovered, 2 not now.",
    ["provider"],
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
SCHEDULED = Counter(
    "minplan_schedule_done", "What fell due by the calendar and was dealt with, by kind.", ["kind"]
)
SCHEDULE_FAILURES = Counter(
    "minplan_schedule_failures",
    "What fell due and failed, by kind; it is tried again later.",
    ["kind"],
)
