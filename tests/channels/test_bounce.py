"""What a bounce says, however it comes, and that nothing else is taken for one."""

import time
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from app.channels.bounce import (
    MAX_REPORT_BYTES,
    MAX_REPORT_LINES,
    MAX_REPORT_NESTING,
    MAX_REPORT_SEMICOLONS,
    Action,
    Bounce,
    read_bounce,
)
from app.channels.contract import Message as Notice
from app.channels.mail import Letterhead
from app.store.receipts import Verdict

DELIVERY = UUID("6f7a3b1e-58a4-4c1d-9d3f-0c6ff4a4a002")
OTHER = UUID(int=7)
REFERENCE = f"{DELIVERY}.2"
MESSAGE_ID = f"<{DELIVERY}@minplan.example>"
ADDRESS = "anna@borger.example"
SENT = Letterhead(
    sender="noreply@minplan.example", sender_name="Jobnet", unsubscribe_url="https://x.example"
).compose(Notice(DELIVERY, ADDRESS, "Nyt på Jobnet", "Hej.", REFERENCE), ADDRESS)
HEADERS = SENT.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
POSTFIX = f"""\
From: MAILER-DAEMON@mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: noreply@minplan.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4F0A1.1764000000/mail.example"

This is a MIME-encapsulated message.

--4F0A1.1764000000/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

--4F0A1.1764000000/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Original-Envelope-Id: {REFERENCE}
X-Postfix-Queue-ID: 4F0A1
Arrival-Date: Mon, 24 Nov 2025 16:00:00 +0100 (CET)

Final-Recipient: rfc822; {ADDRESS}
Original-Recipient: rfc822;{ADDRESS}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.borger.example
Diagnostic-Code: smtp; 550 5.1.1 <{ADDRESS}>: user unknown

--4F0A1.1764000000/mail.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{HEADERS}

--4F0A1.1764000000/mail.example--
"""


def report(
    *recipients: str, envelope: str = "", returned: Message | None = None, kind: str = "report"
) -> bytes:
    """A report with these blocks of fields, one for each recipient."""
    mail = MIMEMultipart(kind, report_type="delivery-status")
    mail.attach(MIMEText("Beskeden kunne ikke leveres.", "plain", "utf-8"))
    status = MIMENonMultipart("message", "delivery-status")
    about = Message()
    about["Reporting-MTA"] = "dns; mail.example"
    if envelope:
        about["Original-Envelope-Id"] = envelope
    blocks: list[Message | str] = [about]
    for fields in recipients:
        block = Message()
        for line in fields.splitlines():
            name, _, value = line.partition(": ")
            block[name] = value
        blocks.append(block)
    status.set_payload(blocks)
    mail.attach(status)
    if returned is not None:
        mail.attach(returned)
    return mail.as_bytes()


def headers_only(text: str, encoding: str = "7bit") -> Message:
    part = EmailMessage()
    part.set_content(text.encode(), maintype="text", subtype="rfc822-headers", cte=encoding)
    return part


def told(*recipients: str) -> tuple[Action, str] | None:
    found = read_bounce(report(*recipients, envelope=REFERENCE))
    return None if found is None else (found.action, found.status)


def test_a_report_of_postfix_tells_all_and_keeps_no_address() -> None:
    found = read_bounce(POSTFIX.encode())
    assert found == Bounce(REFERENCE, MESSAGE_ID, Action.FAILED, "5.1.1")
    assert found.permanent
    assert "borger" not in repr(found)


def test_line_ends_of_the_wire_make_no_difference() -> None:
    assert read_bounce(POSTFIX.replace("\n", "\r\n").encode()) == read_bounce(POSTFIX.encode())


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_without_an_envelope_id_the_returned_headers_tell_which_mail_it_was(encoding: str) -> None:
    found = read_bounce(
        report("Action: failed\nStatus: 5.1.1", returned=headers_only(f"{HEADERS}\n", encoding))
    )
    assert found == Bounce(REFERENCE, MESSAGE_ID, Action.FAILED, "5.1.1")


def test_a_whole_mail_may_come_back() -> None:
    part = MIMENonMultipart("message", "rfc822")
    original = Message()
    original["Message-ID"] = MESSAGE_ID
    original["X-Minplan-Reference"] = REFERENCE
    original.set_payload("Hej.")
    part.set_payload([original])
    found = read_bounce(report("Action: failed\nStatus: 5.1.1", returned=part))
    assert found == Bounce(REFERENCE, MESSAGE_ID, Action.FAILED, "5.1.1")


@pytest.mark.parametrize(
    ("fields", "action", "status", "verdict"),
    [
        ("Action: failed\nStatus: 5.1.1", Action.FAILED, "5.1.1", Verdict.FAILED),
        ("Action: failed\nStatus: 4.4.7", Action.FAILED, "4.4.7", Verdict.EXPIRED),
        ("Action: delayed\nStatus: 4.4.1", Action.DELAYED, "4.4.1", Verdict.ACCEPTED),
        ("Action: delivered\nStatus: 2.1.5", Action.DELIVERED, "2.1.5", Verdict.DELIVERED),
        ("Action: relayed\nStatus: 2.0.0", Action.RELAYED, "2.0.0", Verdict.ACCEPTED),
        ("Action: expanded\nStatus: 2.0.0", Action.EXPANDED, "2.0.0", Verdict.DELIVERED),
        ("ACTION: Failed (x)\nSTATUS: 5.1.1 (y)", Action.FAILED, "5.1.1", Verdict.FAILED),
    ],
)
def test_what_was_done_is_told_apart(
    fields: str, action: Action, status: str, verdict: Verdict
) -> None:
    found = read_bounce(report(fields, envelope=REFERENCE))
    assert found is not None and found.reference == REFERENCE and found.message_id is None
    assert (found.action, found.status, found.verdict) == (action, status, verdict)
    assert found.permanent is (verdict is Verdict.FAILED)


@pytest.mark.parametrize(
    "fields",
    [
        "Status: 5.1.1",
        "Action: failed",
        "Action: failed\nStatus: 2.0.0",
        "Action: delivered\nStatus: 5.1.1",
        "Action: delayed\nStatus: 5.1.1",
        "Action: lost\nStatus: 5.1.1",
        "Action: failed\nStatus: 5.1",
        "Action: failed\nStatus: 5.1.1.1",
        "Action: failed\nStatus: 3.1.1",
        "Action: failed\nStatus: 5.1.1000",
    ],
)
def test_a_report_that_says_nothing_or_contradicts_itself_is_none(fields: str) -> None:
    assert told(fields) is None


def test_of_several_recipients_the_best_news_counts() -> None:
    failed, delivered = "Action: failed\nStatus: 5.1.1", "Action: delivered\nStatus: 2.1.5"
    assert told(failed, delivered) == told(delivered, failed) == (Action.DELIVERED, "2.1.5")


@pytest.mark.parametrize(
    "reference", ["", ADDRESS, f"{DELIVERY}", f"{DELIVERY}.", f"{REFERENCE}<{ADDRESS}>", "x.1"]
)
def test_what_is_not_a_reference_of_ours_is_not_kept(reference: str) -> None:
    found = read_bounce(
        report(
            "Action: failed\nStatus: 5.1.1",
            envelope=reference,
            returned=headers_only(f"Message-ID: <{ADDRESS}>\nX-Minplan-Reference: {reference}\n"),
        )
    )
    assert found == Bounce(None, None, Action.FAILED, "5.1.1")


@pytest.mark.parametrize(
    "returned",
    [
        f"X-Minplan-Reference: {DELIVERY}.1\n",
        f"X-Minplan-Reference: {OTHER}.2\n",
        f"Message-ID: <{OTHER}@minplan.example>\n",
    ],
)
def test_a_report_about_two_mails_is_about_none(returned: str) -> None:
    raw = report(
        "Action: failed\nStatus: 5.1.1", envelope=REFERENCE, returned=headers_only(returned)
    )
    assert read_bounce(raw) is None


def test_other_mails_are_no_reports() -> None:
    assert read_bounce(SENT) is None
    assert read_bounce(b"") is None
    fields = "Action: failed\nStatus: 5.1.1"
    assert read_bounce(report(fields, envelope=REFERENCE, kind="mixed")) is None
    assert read_bounce(report(envelope=REFERENCE)) is None


@pytest.mark.parametrize(
    "padding",
    [
        b"x" * MAX_REPORT_BYTES,
        b"\n" * MAX_REPORT_LINES,
        b"message/" * (MAX_REPORT_NESTING + 1),
        b";" * MAX_REPORT_SEMICOLONS,
    ],
)
def test_a_report_that_is_huge_is_none(padding: bytes) -> None:
    assert read_bounce(POSTFIX.encode()) is not None
    assert read_bounce(POSTFIX.encode() + padding) is None


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (depth, depth)
    for depth in range(MAX_REPORT_NESTING)
)


@pytest.mark.parametrize(
    "raw",
    [
        NESTED + b"-\n" * (MAX_REPORT_LINES - 3 * MAX_REPORT_NESTING),
        b'Content-Type: multipart/report; a="' + b";" * (MAX_REPORT_SEMICOLONS - 1),
        b"Content-Type: multipart/report" + b"; a=b" * MAX_REPORT_SEMICOLONS,
    ],
)
def test_the_worst_that_is_read_takes_no_second(raw: bytes) -> None:
    assert len(raw) < MAX_REPORT_BYTES
    started = time.process_time()
    assert read_bounce(raw) is None
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: multipart/report; boundary*" + b"1" * 5000 + b"=x",
        b"Content-Type: multipart/report; boundary*0*=utf-8'da'%ff; boundary*1=\xff",
        b"Content-Type: multipart/report; boundary=\xe6\xf8\xe5",
        b"Content-Type: message/delivery-status",
    ],
)
def test_headers_that_trip_a_parser_are_none(header: bytes) -> None:
    assert read_bounce(header + b"\n\n--x\n\n--x--\n") is None


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_none(raw: bytes) -> None:
    assert read_bounce(raw) is None


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_report_is_read_or_refused_and_shows_no_address(data: st.DataObject) -> None:
    raw = bytearray(POSTFIX.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    found = read_bounce(bytes(raw))
    if found is not None:
        assert found.reference is None or found.reference.count("@") == 0
        assert "borger" not in repr(found)
