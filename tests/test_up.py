"""`minplan up` as a developer lives with it: one process to start, to stop, and to start again."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.up import PATIENCE, PREFERENCE, ROOT, Up, environment, eventually, running

CASELOAD = "{ caseload(first: 50) { edges { node { id plan { version } } } } }"
CONVERSATION = (
    "mutation($input: RegisterConversationInput!) { registerConversation(input: $input)"
    " { __typename ... on RegisterConversationPayload { version } } }"
)
VERIFY = "mutation($input: VerifyContactInput!) { verifyContact(input: $input) { __typename } }"


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


def wait_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert alive == []


def test_a_killed_product_leaves_no_process_behind(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--no-demo") as up:
        children = up.children()
        assert len(children) >= 6
        up.process.kill()
        up.process.wait()
        wait_gone(children)


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
