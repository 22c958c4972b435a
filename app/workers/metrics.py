"""What the delivery of notices tells operations (Prometheus)."""

from prometheus_client import Counter, Gauge

ATTEMPTS = Counter(
    "minplan_delivery_attempts",
    "Attempts to deliver a notice, by channel and by what became of the delivery: its status, or"
    " TAKEN_OVER when the claim ran out before the outcome could be stored.",
    ["channel", "outcome"],
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
WAKE_FAILURES = Counter(
    "minplan_delivery_wake_failures",
    "Wake-ups that did not reach the queue; the sweep finds the deliveries instead.",
)
