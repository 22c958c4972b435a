"""Worker processes that start in some milliseconds, and are killed, frozen and thawed by pid."""

import asyncio
import itertools
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from . import worker

PATIENCE = 20.0  # seconds
MOST_DEATHS = 20
"""Of workers in one round, by themselves."""

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload([worker.__name__])


@dataclass(eq=False)
class Worker:
    """One process; its name is what the providers see of it."""

    name: str
    process: ForkServerProcess
    ready: Connection
    frozen: bool = False

    @property
    def alive(self) -> bool:
        return self.process.is_alive()

    @property
    def starting(self) -> bool:
        """Whether it has no connection to the database yet."""
        return self.alive and not self.ready.poll()

    async def kill(self) -> None:
        """SIGKILL; returns when the process is gone."""
        self.process.kill()
        await self._gone()

    async def stop(self) -> None:
        """SIGTERM, and its own graceful end."""
        if self.alive:
            self.process.terminate()
        await self._gone()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        self.frozen = False

    def _signal(self, number: signal.Signals) -> None:
        if self.alive:
            assert self.process.pid is not None
            os.kill(self.process.pid, number)

    async def _gone(self) -> None:
        await asyncio.to_thread(self.process.join, PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            raise AssertionError(f"worker {self.name} does not end")
        self.process.close()
        self.ready.close()


@dataclass(eq=False)
class Crew:
    """The workers of a test. settings: of all, but for what tells one from another."""

    settings: Mapping[str, Any]
    clock_file: Path
    log_file: Path
    workers: list[Worker] = field(default_factory=list)
    leaving: list[Worker] = field(default_factory=list)
    deaths: int = 0
    _names: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def start(self) -> Worker:
        """One more worker, which does not wait for anything."""
        name = f"w{next(self._names)}"
        own = {"sms_token": name, "mail_from": f"{name}@minplan.example"}
        ready, tell = _CONTEXT.Pipe()  # both ways: its end is how a worker learns of ours
        process = _CONTEXT.Process(
            target=worker.run,
            args=({**self.settings, **own}, str(self.clock_file), str(self.log_file), tell),
            daemon=True,
        )
        process.start()
        tell.close()
        started = Worker(name, process, ready)
        self.workers.append(started)
        return started

    def named(self, name: str) -> Worker | None:
        return next((one for one in self.workers if one.name == name), None)

    @property
    def starting(self) -> bool:
        """Whether one is on its way that will be there soon."""
        return any(one.starting for one in self.workers if not one.frozen)

    async def kill(self, victim: Worker) -> None:
        self.workers.remove(victim)
        await victim.kill()

    def dismiss(self, one: Worker) -> None:
        """SIGTERM; it ends when it has finished what it holds."""
        self.workers.remove(one)
        self.leaving.append(one)
        one.process.terminate()

    async def see_off(self) -> None:
        """Wait until all that were dismissed have ended."""
        while self.leaving:
            await self.leaving.pop().stop()

    async def man(self, wanted: int, *, thaw: bool = True) -> None:
        """So many that live, all awake if `thaw`. Too many are killed: now they hold nothing."""
        for one in self.workers:
            if one.frozen and thaw:
                one.thaw()
        for dead in [one for one in self.workers if not one.alive]:
            self.workers.remove(dead)
            self._bury()
        while len(self.workers) > wanted:
            await self.kill(self.workers[-1])
        while len(self.workers) < wanted:
            self.start()

    def _bury(self) -> None:
        """One ended by itself; a few do while the servers are away."""
        self.deaths += 1
        if self.deaths > MOST_DEATHS:
            raise AssertionError(f"workers do not live:\n{self.log_file.read_text()[-3000:]}")

    async def kill_all(self) -> None:
        while self.workers:
            await self.kill(self.workers[-1])

    async def close(self) -> None:
        for one in self.workers:
            if one.frozen:
                one.thaw()
        await self.kill_all()
        for one in self.leaving:
            await one.kill()
