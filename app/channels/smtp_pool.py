"""Open sessions with one mail server, so that a mail costs MAIL, RCPT and DATA and nothing more.

Greeting, TLS and login are paid once for many mails. Sessions are lent, the one last used first, so
that what a busy hour opened is idle afterwards and ends.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from app.channels.contract import SendFailure
from app.channels.smtp_server import SmtpServer
from app.channels.smtp_session import Session

MAILS_PER_SESSION: Final = 100


class SmtpPool:
    """At most `sessions` at a time. Used from one event loop."""

    def __init__(
        self, server: SmtpServer, *, hello: str, timeout: float, sessions: int, idle_seconds: float
    ) -> None:
        """`hello` is the name we give, `timeout` in seconds for each reply before the text.

        A session that nobody has used for `idle_seconds` ends.
        """
        self._server = server
        self._hello = hello
        self._timeout = timeout
        self._idle_seconds = idle_seconds
        self._trust = server.trust()
        self.places = asyncio.Semaphore(sessions)
        """One for each send under way; whoever borrows holds one."""
        # The longest idle first.
        self._idle: deque[Session] = deque()
        self._farewells: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.is_closed = False

    @contextmanager
    def used(self) -> Iterator[Session | None]:
        """A session that has sent before, taken back afterwards; None when there is none."""
        session = self._take()
        try:
            yield session
        finally:
            if session is not None:
                self._give_back(session)

    @asynccontextmanager
    async def fresh(self, deadline: float) -> AsyncIterator[Session | SendFailure]:
        """A new session, kept afterwards, or why there is none."""
        client = self._server.client(hello=self._hello, trust=self._trust, timeout=self._timeout)
        session = await Session.opened(client, deadline)
        try:
            yield session
        finally:
            if isinstance(session, Session):
                self._give_back(session)

    async def aclose(self) -> None:
        """End all sessions; one that is lent ends when its send does."""
        self.is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        while self._idle:
            self._end(self._idle.pop())
        await asyncio.gather(*self._farewells)

    def _take(self) -> Session | None:
        while self._idle:
            session = self._idle.pop()
            if session.is_usable:
                return session
            session.drop()
        return None

    def _give_back(self, session: Session) -> None:
        if self.is_closed or not session.is_usable:
            session.drop()
        elif session.mails >= MAILS_PER_SESSION:
            self._end(session)
        else:
            session.used_at = asyncio.get_running_loop().time()
            self._idle.append(session)
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is None and self._idle:
            due = self._idle[0].used_at + self._idle_seconds
            self._timer = asyncio.get_running_loop().call_at(due, self._end_idle)

    def _end_idle(self) -> None:
        self._timer = None
        idle_since = asyncio.get_running_loop().time() - self._idle_seconds
        while self._idle and self._idle[0].used_at <= idle_since:
            self._end(self._idle.popleft())
        self._set_timer()

    def _end(self, session: Session) -> None:
        """Nobody waits for a farewell, apart from `aclose`."""
        task = asyncio.get_running_loop().create_task(session.end())
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)
