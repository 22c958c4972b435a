"""Ports for processes that are told theirs before they listen on it."""

import random
import socket
from contextlib import suppress

_PORTS = range(10_000, 30_000)
"""Below those that systems give out by themselves: whoever lets the system choose one in the
seconds until the process listens would answer in its place, `/readyz` too."""


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
