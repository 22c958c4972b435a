"""What connections tell of themselves (Prometheus); no label names anybody."""

from typing import Final

from prometheus_client import Counter, Gauge

CONNECTIONS: Final = Gauge(
    "minplan_connections", "WebSockets and event streams that are open in this process.", ["kind"]
)
CLOSES: Final = Counter(
    "minplan_socket_closes", "WebSockets that the server closed, by the close code.", ["code"]
)
