"""What live views tell of themselves (Prometheus); no label names anybody."""

from typing import Final

from prometheus_client import Counter, Gauge

VIEWS: Final = Gauge("minplan_live_views", "Live views that are open in this process.", ["kind"])
CHANNELS: Final = Gauge("minplan_live_channels", "Channels of Valkey this process listens to.")
CONNECTED: Final = Gauge(
    "minplan_live_connected", "Whether this process hears wake-ups (1) or asks the database (0)."
)
READS: Final = Counter(
    "minplan_live_reads", "Reads of plans for live views; one serves all with the same rights."
)
EVENTS: Final = Counter("minplan_live_events", "Events handed to transports.", ["kind"])
DELAYED: Final = Counter(
    "minplan_live_delayed",
    "Reads for live views that are tried again: they failed, or the login has to wait.",
    ["kind"],
)
