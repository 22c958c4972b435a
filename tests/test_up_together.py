"""One `minplan up` for several stories: with an SMS gateway of one's own, and nobody in it."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import psutil
import pytest

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from app.settings import load_settings
from tests.up import PATIENCE, PREFERENCE, Up, eventually, running

CITIZEN = (
    "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input)"
    " { ... on UpsertCitizenPayload { citizenId } } }"
)
SIGNE = {
    "civilRegistrationNumber": "0107805000",
    "name": {"given": "Signe", "surname": "Lindhave"},
    "municipalityCode": "101",
    "targetGroup": "CASH_BENEFIT_JOB_READY",
    "rightAndDuty": False,
}


@contextmanager
def sms_gateway(logins: list[str]) -> Iterator[str]:
    """A gateway that takes every SMS; `logins` are the user names it was asked with."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            login = base64.b64decode(self.headers["authorization"].removeprefix("Basic "))
            logins.append(login.decode().removesuffix(":"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ids": [1]}')

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def logins() -> list[str]:
    """The user names that the gateway was asked with."""
    return []


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, logins: list[str]) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up") / "data"
    with (
        sms_gateway(logins) as url,
        running(data, "--no-demo", MINPLAN_SMS_URL=url, MINPLAN_SMS_TOKEN="my own") as started,
    ):
        yield started


def test_a_gateway_of_ones_own_is_asked_with_ones_own_token(up: Up, logins: list[str]) -> None:
    issuer = DevelopmentIssuer(load_settings(data_dir=up.data))
    made = up.ask(issuer.issue(Role.SYSTEM, organisation="BOOKING"), CITIZEN, input=SIGNE)
    citizen = UUID(made["data"]["upsertCitizen"]["citizenId"])
    own = issuer.issue(Role.CITIZEN, citizen_id=citizen)
    assert up.ask(own, PREFERENCE)["data"]["updateNotificationPreference"]
    assert set(eventually(lambda: logins)) == {"my own"}


WORKER = ["-m", "app", "worker"]


def words(process: psutil.Process) -> list[str]:
    """A process's command line; nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_worker_that_dies_is_started_again(up: Up) -> None:
    worker = eventually(lambda: next((p for p in up.children() if words(p)[1:] == WORKER), None))
    worker.kill()
    eventually(lambda: any(p != worker and words(p)[1:] == WORKER for p in up.children()))


def test_a_second_one_on_the_same_data_is_told_so(up: Up) -> None:
    other = Up(up.data, "--no-demo")
    assert other.process.wait(PATIENCE) == 1
    assert str(up.data) in other.output()
    assert other.process.stdout is not None
    other.process.stdout.close()
