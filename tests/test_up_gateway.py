"""`minplan up` with an SMS gateway of one's own instead of the sink."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.test_up import CASELOAD, PREFERENCE, eventually, running


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


def test_a_gateway_of_ones_own_is_asked_with_ones_own_token(tmp_path: Path) -> None:
    data, logins = tmp_path / "data", list[str]()
    with (
        sms_gateway(logins) as url,
        running(data, MINPLAN_SMS_URL=url, MINPLAN_SMS_TOKEN="my own") as up,
    ):
        staff = up.token("--role", "jobcenter", "--organisation", "430")
        citizen = up.ask(staff, CASELOAD)["data"]["caseload"]["edges"][0]["node"]["id"]
        own = up.token("--role", "citizen", "--citizen", citizen)
        assert up.ask(own, PREFERENCE)["data"]["updateNotificationPreference"]
        assert set(eventually(lambda: logins)) == {"my own"}
