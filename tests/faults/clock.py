"""One time for all processes of a test: the real one and an offset that the test moves on."""

import asyncio
import mmap
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from app.rules.notice import next_send_time
from app.store.documents import Moment
from app.store.work import COPENHAGEN

_OFFSET: Final = struct.Struct("<q")
_GLANCE: Final = 0.02
"""Seconds after which an idle event loop looks whether its timers were moved."""


class SharedClock:
    """The real time plus the microseconds in `file`: every process that maps it sees a move."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_OFFSET.pack(0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _OFFSET.size)
        self.file = file

    def __call__(self) -> Moment:
        now = self.now
        return Moment(now, now.astimezone(COPENHAGEN).date())

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(microseconds=self._offset)

    @property
    def seconds(self) -> float:
        """By how much the time has been moved."""
        return self._offset / 1e6

    def move(self, by: timedelta) -> None:
        self._shared[:] = _OFFSET.pack(self._offset + by // timedelta(microseconds=1))

    @property
    def _offset(self) -> int:
        offset: int = _OFFSET.unpack(self._shared[:])[0]
        return offset


class MovedLoop(asyncio.SelectorEventLoop):
    """An event loop whose timers (time-outs, pauses, sweeps) follow the clock when it is moved."""

    def __init__(self, clock: SharedClock) -> None:
        self._moved = clock
        super().__init__()
        self._glance()

    def time(self) -> float:
        return super().time() + self._moved.seconds

    def _glance(self) -> None:
        self.call_later(_GLANCE, self._glance)


@dataclass(frozen=True, slots=True)
class Jump:
    """A move of the clock: the time before and after it."""

    since: datetime
    until: datetime


class MovedClock(SharedClock):
    """The test's own hand on the clock: it only goes forward, and every jump is remembered."""

    def __init__(self, file: Path, start: datetime) -> None:
        super().__init__(file)
        self.move(start - self.now)
        self.jumps: list[Jump] = []

    def turn(self, by: timedelta) -> None:
        before = self.now
        self.move(by)
        self.jumps.append(Jump(before, before + by))

    def turn_to(self, instant: datetime) -> None:
        """Nothing when it is past that already."""
        ahead = instant - self.now
        if ahead > timedelta():
            self.turn(ahead)

    def jumped_between(self, since: datetime, until: datetime) -> bool:
        return any(jump.since < until and jump.until > since for jump in self.jumps)

    def wall(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time of day in Copenhagen, in UTC."""
        return datetime.combine(day, time(hour, minute), COPENHAGEN).astimezone(UTC)

    def morning_after(self, days: int = 1) -> datetime:
        """Ten o'clock in Copenhagen, so many days on."""
        return self.wall(self().today + timedelta(days=days), 10)


def is_open(instant: datetime) -> bool:
    """Whether SMS and e-mail may be sent: from 9 until 22 in Copenhagen."""
    return next_send_time(instant) <= instant
