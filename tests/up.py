"""`minplan up` as a process, and what its users ask of it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from app.dev.ports import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


def command(*arguments: str, data: Path) -> list[str]:
    return [sys.executable, "-m", "app", *arguments, "--data", str(data)]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("MINPLAN_")}


class Up:
    """A running `minplan up`."""

    def __init__(self, data: Path, *arguments: str, **more: str) -> None:
        """`more`: further variables of the environment."""
        self.data, self.port = data, free_port()
        self.process = subprocess.Popen(
            command("up", "--port", str(self.port), *arguments, data=data),
            cwd=ROOT,
            env=environment() | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2),
            ):
                return
            assert self.process.poll() is None, "`minplan up` has ended"
            time.sleep(0.05)
        raise AssertionError("not ready in time")

    def ask(self, token: str, query: str, **variables: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"authorization": f"Bearer {token}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def sent(self) -> list[dict[str, Any]]:
        """The messages to citizens."""
        return [one for one in self.shown() if one["channel"] != "EVENT"]

    def events(self) -> list[dict[str, Any]]:
        """What the common data base was told."""
        return [json.loads(one["body"]) for one in self.shown() if one["channel"] == "EVENT"]

    def shown(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/dev/sent", timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def token(self, *arguments: str) -> str:
        printed = subprocess.run(
            command("token", *arguments, data=self.data),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            check=True,
            text=True,
        )
        assert printed.stderr == ""
        return printed.stdout.strip()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.read().decode()


@contextmanager
def running(data: Path, *arguments: str, **more: str) -> Iterator[Up]:
    up = Up(data, *arguments, **more)
    try:
        up.wait_ready()
        yield up
    except BaseException as error:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)
        error.add_note(f"`minplan up` ended with {up.process.returncode}:\n{up.output()[-4000:]}")
        raise
    finally:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)
        if up.process.stdout:
            up.process.stdout.close()


def eventually(condition: Any) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


PREFERENCE = (
    'mutation { updateNotificationPreference(input: { sms: true, smsNumber: "00141763",'
    ' email: true, emailAddress: "m@borger.example" }) { __typename } }'
)
