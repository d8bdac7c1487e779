"""A real PostgreSQL server for the tests: Debian's package, on a socket in a folder of its own, gone afterwards.

PostgreSQL refuses to run as root, so root lends it to postgres or nobody. With OMC_LAB=required a machine without the
package fails these tests instead of skipping them.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.required import lacking

SECONDS = 30


def binaries() -> Path | None:
    """Return the folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


class Server:
    """One server; `databases` are made on it one a test."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        self.user = _user()
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def start(self) -> None:
        """Start and wait until it answers."""
        settings = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=50")
        options = [part for setting in settings for part in ("-c", setting)]
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self.user, cwd=self.folder)
        until = time.monotonic() + SECONDS
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres", user="postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """End it as a power cut would: nobody says goodbye."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(SECONDS)

    def url(self, database: str, *, user: str = "omc") -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database that the plain login `omc` owns, and return its URL."""
        self._count += 1
        name = f"omc{self._count}"
        with psycopg.connect(self.url("postgres", user="postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER omc")
        return self.url(name)


def _user() -> str | None:
    """Return whom root lends the server to; None runs it as the caller."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running server with the role omc_reader and the logins omc (owns the databases) and reader, its members."""
    programs = binaries()
    if programs is None:
        lacking("no PostgreSQL server: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="omc-pg-"))
    server = Server(folder, programs)
    try:
        if server.user is not None:
            shutil.chown(folder, server.user)
        initdb = [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=server.user, cwd=folder)
        server.start()
        with psycopg.connect(server.url("postgres", user="postgres"), autocommit=True) as connection:
            for statement in (
                "CREATE ROLE omc LOGIN",
                "CREATE ROLE omc_reader NOLOGIN",
                "CREATE ROLE reader LOGIN IN ROLE omc_reader",
                "GRANT omc_reader TO omc",
            ):
                connection.execute(statement)
        yield server
        server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
