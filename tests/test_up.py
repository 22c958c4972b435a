"""`minplan up` as a developer lives with it: one process to start, to stop, and to start again."""

import json
import os
import re
import signal
import socket
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
import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
            assert self.process.poll() is None, self.output()
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
    finally:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)
        if up.process.stdout:
            up.process.stdout.close()


WORKER = ["-m", "app", "worker"]


def words(process: psutil.Process) -> list[str]:
    """A process's command line; nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def wait_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert alive == []


CASELOAD = "{ caseload(first: 50) { edges { node { id plan { version } } } } }"
CONVERSATION = (
    "mutation($input: RegisterConversationInput!) { registerConversation(input: $input)"
    " { __typename ... on RegisterConversationPayload { version } } }"
)
VERIFY = "mutation($input: VerifyContactInput!) { verifyContact(input: $input) { __typename } }"
PREFERENCE = (
    'mutation { updateNotificationPreference(input: { sms: true, smsNumber: "00141763",'
    ' email: true, emailAddress: "m@borger.example" }) { __typename } }'
)


def follow(up: Up, token: str, citizen: str) -> Any:
    """An open live view by server-sent events, once its first event is there."""
    query = "subscription($id: ID!) { planUpdated(citizenId: $id, afterVersion: 0) { version } }"
    request = urllib.request.Request(
        f"http://127.0.0.1:{up.port}/graphql",
        json.dumps({"query": query, "variables": {"id": citizen}}).encode(),
        {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "accept": "text/event-stream",
        },
    )
    stream = urllib.request.urlopen(request, timeout=10)
    while b"planUpdated" not in stream.readline():
        pass
    return stream


def eventually(condition: Any) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_the_whole_product_runs_is_stopped_and_goes_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as up:
        staff = up.token("--role", "jobcenter", "--organisation", "430", "--name", "Sanne Lyngdal")
        citizen = up.ask(staff, CASELOAD)["data"]["caseload"]["edges"][0]["node"]
        own = up.token("--role", "citizen", "--citizen", citizen["id"])
        assert up.ask(own, PREFERENCE)["data"]["updateNotificationPreference"]
        for code in eventually(lambda: len(up.sent()) == 2 and up.sent()):
            [digits] = re.findall(r"\b[0-9]{6}\b", code["body"])
            given = {"channel": code["channel"], "code": digits}
            entered = up.ask(own, VERIFY, input=given)["data"]["verifyContact"]
            assert entered["__typename"] == "VerifyContactPayload"
        given = {
            "citizenId": citizen["id"],
            "authority": "JOBCENTER",
            "heldAt": time.strftime("%Y-%m-%dT00:00:01+01:00"),
            "mode": "PHONE",
            "agreementText": "Du ringer til to vikarbureauer.",
        }
        made = up.ask(staff, CONVERSATION, input=given)["data"]["registerConversation"]
        assert made["version"] == citizen["plan"]["version"] + 1
        sent = eventually(lambda: len(up.sent()) >= 4 and up.sent()[2:])
        assert {message["channel"] for message in sent} == {"SMS", "EMAIL"}
        assert not any("vikarbureau" in message["body"] for message in sent)
        [event] = eventually(
            lambda: [e for e in up.events() if e["data"]["citizenId"] == citizen["id"]]
        )
        assert (event["type"], event["data"]["version"]) == ("plan.published", made["version"])
        children = up.children()
        stream = follow(up, own, citizen["id"])
        started = time.monotonic()
        up.stop(signal.SIGINT)
        stream.close()
        assert time.monotonic() - started < 25, "an open live view must not hold up the end"
        assert up.process.returncode == 0
        wait_gone(children)
    with running(data) as up:
        staff = up.token("--role", "jobcenter", "--organisation", "430")
        edges = up.ask(staff, CASELOAD)["data"]["caseload"]["edges"]
        versions = {edge["node"]["id"]: edge["node"]["plan"]["version"] for edge in edges}
        assert versions[citizen["id"]] == made["version"]


def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--no-demo") as up:
        worker = eventually(
            lambda: next((p for p in up.children() if words(p)[1:] == WORKER), None)
        )
        worker.kill()
        eventually(lambda: any(p != worker and words(p)[1:] == WORKER for p in up.children()))


def test_a_killed_product_leaves_no_process_behind(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--no-demo") as up:
        children = up.children()
        assert len(children) >= 6
        up.process.kill()
        up.process.wait()
        wait_gone(children)


def test_a_second_one_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, "--no-demo"):
        other = Up(data, "--no-demo")
        assert other.process.wait(PATIENCE) == 1
        assert str(data) in other.output()
        assert other.process.stdout is not None
        other.process.stdout.close()


@pytest.mark.parametrize("part", ["serve", "worker", "migrate", "up"])
def test_production_starts_without_no_part_on_development_defaults(
    part: str, tmp_path: Path
) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "app", part],
        cwd=ROOT,
        env=environment()
        | {"MINPLAN_ENVIRONMENT": "production", "MINPLAN_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert refused.returncode == 1
    for name in ("DATABASE_URL", "REDIS_URL", "OIDC_JWKS_URL", "CPR_KEY", "SMS_URL", "SMTP_URL"):
        assert f"MINPLAN_{name}" in refused.stderr
