"""Where mail is handed in: the address of the mail server, read from one URL."""

import re
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import aiosmtplib

_START_TLS: dict[str, bool | None] = {"true": True, "false": False, "auto": None}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORM = "the SMTP address must be smtp://host:port or smtps://host:port"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`start_tls` None means: when the server offers it."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    start_tls: bool | None

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Read `smtp://user:pass@host:port?starttls=true|false|auto` or `smtps://...`.

        `smtps` is TLS from the first byte (port 465). `smtp` upgrades (port 587) and refuses to go
        on without, unless `starttls` says otherwise; on loopback the default is no TLS (port 25).
        User and password are percent-encoded. Raises ValueError, which does not repeat the URL.
        """
        split = _split(url)
        port = re.search(r":([0-9]{1,5})$", split.netloc)
        has_port = ":" in split.netloc.rpartition("@")[2].rpartition("]")[2]
        if split.scheme not in {"smtp", "smtps"} or not split.hostname or has_port != bool(port):
            raise ValueError(_FORM)
        tls = split.scheme == "smtps"
        local = split.hostname in _LOOPBACK
        choice = dict(parse_qsl(split.query)).get("starttls", "false" if tls or local else "true")
        if choice not in _START_TLS or (tls and choice != "false"):
            raise ValueError("starttls must be true, false or auto, and only with smtp://")
        default_port = 465 if tls else 25 if local else 587
        return cls(
            host=split.hostname,
            port=int(port[1]) if port else default_port,
            username=unquote(split.username) if split.username else None,
            password=unquote(split.password) if split.password else None,
            tls=tls,
            start_tls=_START_TLS[choice],
        )

    @property
    def may_send_in_clear(self) -> bool:
        """Whether mail and password may leave this host without TLS."""
        return not self.tls and self.start_tls is not True and self.host not in _LOOPBACK

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"

    def trust(self) -> ssl.SSLContext | None:
        """What every session of this server trusts; None where TLS is never used.

        Made once: reading the authorities' certificates costs more than a mail.
        """
        return ssl.create_default_context() if self.tls or self.start_tls is not False else None

    def client(
        self, *, hello: str, trust: ssl.SSLContext | None, timeout: float
    ) -> aiosmtplib.SMTP:
        """A client that is not connected yet; `hello` is the name it gives, `timeout` in seconds
        for each of its commands."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            start_tls=self.start_tls,
            tls_context=trust,
            local_hostname=hello,
            timeout=timeout,
        )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # its message may repeat user and password
        raise ValueError(_FORM) from None
