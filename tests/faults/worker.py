"""What runs in a worker process of the fault tests: the product's own `work`, by the shared clock.

Loaded once by the fork server, so that a process needs no import.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.settings import load_settings
from app.workers.main import work

from .clock import MovedLoop, SharedClock


class _Ready(logging.Handler):
    """Tells the test that the worker has its connections: it logs that it delivers."""

    def __init__(self, ready: Connection) -> None:
        super().__init__(logging.INFO)
        self._ready = ready

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "delivering":
            self._ready.send_bytes(b"!")


def run(settings: Mapping[str, Any], clock_file: str, log_file: str, ready: Connection) -> None:
    """Work until SIGTERM."""
    os.dup2(os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    logging.basicConfig(
        filename=log_file,
        level=logging.WARNING,
        format=f"%(asctime)s {os.getpid()} %(name)s %(message)s",
        force=True,
    )
    logging.getLogger().handlers[0].setLevel(logging.WARNING)
    logging.getLogger("minplan.worker").setLevel(logging.INFO)
    logging.getLogger("minplan.worker").addHandler(_Ready(ready))
    logging.getLogger("arq").setLevel(logging.ERROR)
    clock = SharedClock(Path(clock_file))
    with asyncio.Runner(loop_factory=lambda: MovedLoop(clock)) as runner:
        runner.run(_work(settings, clock, ready))


async def _work(settings: Mapping[str, Any], clock: SharedClock, lifeline: Connection) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    # nothing outlives the test, however that ends
    loop.add_reader(lifeline.fileno(), lambda: os._exit(1))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(load_settings(**settings), stop, clock=clock)
