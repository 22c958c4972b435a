"""`minplan up`: embedded servers, migrations, demo plans, and API and worker under supervision."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from app.dev.connected import EVENTS_PATH, send_hours
from app.dev.embedded import Servers, embedded_servers
from app.dev.greeting import greeting
from app.dev.ports import free_port
from app.dev.supervisor import GUARDIAN
from app.settings import PREFIX, Settings, SettingsError, env_name
from app.store.migrate import migrate

log = logging.getLogger("minplan.up")

PAUSE = 0.2  # seconds between two looks at the parts
RESTART_PAUSE = 1.0  # seconds before a part that ended by itself is started again
START_PATIENCE = 30.0  # seconds until the API must answer
STOP_PATIENCE = 40.0  # seconds a part gets to finish what it holds
ROOT = Path(__file__).parents[2]


class Part:
    """A process of the product that runs until it is told to stop, and is restarted if it ends."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._command = [
            *(sys.executable, "-I", "-S", str(GUARDIAN), str(int(signal.SIGTERM)), "-", "-"),
            *(sys.executable, "-m", "app", *arguments),
        ]
        self._environment = environment
        self._not_before = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def keep_running(self) -> None:
        """Starts the part when it does not run."""
        if self._process is not None and self._process.poll() is not None:
            log.warning(
                "%s ended (exit code %s); starting it again", self.name, self._process.returncode
            )
            self._process, self._not_before = None, time.monotonic() + RESTART_PAUSE
        if self._process is None and time.monotonic() >= self._not_before:
            # the pipe is the part's lifeline: it stops however this process ends
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                self._command,
                stdin=subprocess.PIPE,
                env=self._environment,
                cwd=ROOT,
                start_new_session=True,
            )

    def stop(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self) -> None:
        if self._process is not None:
            try:
                self._process.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                log.error("%s does not end; it is left to its guardian", self.name)


def run_up(settings: Settings, *, port: int, demo: bool) -> None:
    """Runs everything until Ctrl-C or SIGTERM; returns when all has stopped."""
    if settings.is_production:
        raise SettingsError(f"{env_name('environment')}: `minplan up` is for development only")
    _require_free(port)
    stopping = _stop_on_signals()
    with _servers(settings) as servers:
        asyncio.run(_prepare(settings, servers, demo=demo))
        mail_port = free_port()
        environment = os.environ | {
            f"{PREFIX}DATABASE_URL": servers.database_url,
            f"{PREFIX}REDIS_URL": servers.redis_url,
            f"{PREFIX}DATA_DIR": str(settings.data_dir.resolve()),
            f"{PREFIX}PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            f"{PREFIX}SMS_URL": settings.sms_url or f"http://127.0.0.1:{port}",
            f"{PREFIX}SMTP_URL": settings.smtp_url or f"smtp://127.0.0.1:{mail_port}",
            f"{PREFIX}MAIL_SINK_PORT": str(mail_port),
            f"{PREFIX}DFDG_URL": settings.dfdg_url or f"http://127.0.0.1:{port}{EVENTS_PATH}",
        }
        start, end = send_hours(settings)
        environment[f"{PREFIX}SEND_WINDOW_START_HOUR"] = str(start)
        environment[f"{PREFIX}SEND_WINDOW_END_HOUR"] = str(end)
        if settings.sms_url is None and settings.sms_callback_secret is None:
            # the development gateway tells afterwards, as the real one does
            environment[f"{PREFIX}SMS_CALLBACK_SECRET"] = secrets.token_urlsafe(32)
        if settings.today:
            environment[f"{PREFIX}TODAY"] = settings.today.isoformat()
        parts = [
            Part("API", ["serve", "--port", str(port)], environment),
            Part("worker", ["worker"], environment),
        ]
        try:
            _run(parts, stopping, settings, servers, port)
        finally:
            for part in parts:
                part.stop()
            for part in parts:
                part.wait()


def _run(
    parts: list[Part], stopping: threading.Event, settings: Settings, servers: Servers, port: int
) -> None:
    greeted, deadline = False, time.monotonic() + START_PATIENCE
    while not stopping.is_set():
        for part in parts:
            part.keep_running()
        if not greeted and _is_ready(port):
            greeted = True
            typer.echo(asyncio.run(greeting(settings, servers.database_url, port)))
        elif not greeted and time.monotonic() > deadline:
            raise SettingsError(f"The API did not answer on port {port}; see the messages above.")
        stopping.wait(PAUSE)


async def _prepare(settings: Settings, servers: Servers, *, demo: bool) -> None:
    await migrate(servers.database_url)
    if demo:
        from app.dev.demo import load_demo_once

        await load_demo_once(settings, servers.database_url)


@contextmanager
def _servers(settings: Settings) -> Iterator[Servers]:
    if settings.database_url and settings.redis_url:
        yield Servers(settings.database_url, settings.redis_url)
    else:
        with embedded_servers(settings.data_dir) as servers:
            yield servers


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SettingsError(f"Port {port} is in use: choose another with --port.") from None


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
