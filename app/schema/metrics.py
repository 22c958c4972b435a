"""What the schema tells operations (Prometheus); no label comes from a client."""

from prometheus_client import Counter

DEPRECATED_FIELDS = Counter(
    "minplan_deprecated_fields",
    "Operations that used a deprecated part of the schema: a field, an argument as `field(name:)`,"
    " an input field or an enum value, each once an operation.",
    ["type", "field"],
)
