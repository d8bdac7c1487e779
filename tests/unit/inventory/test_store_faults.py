"""A full disk, a kill at any instant, two runs at once, files that are none: nothing is lost of earlier runs."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omc.errors import StoreError
from omc.inventory.store import open_store
from tests.facts import digests, guest, host
from tests.required import lacking

ROOT = Path(__file__).parents[3]

RECORDER = """
import sys
from omc.inventory.store import open_store
from tests.facts import digests, guest, host

store = open_store(sys.argv[1])
print("open", flush=True)
for number in range(int(sys.argv[3])):
    run = store.begin(actor=sys.argv[2], selection="all")
    for name in ("kvm1", "kvm2"):
        known = host(name, guests=[guest(n, host=name, vcpus=number + 1) for n in range(40)], collected_at=None)
        store.record(run, known, digests(known))
    store.finish(run, "ok")
    print(number, flush=True)
"""

MAKER = """
import os, signal, sqlite3, sys
from omc.inventory.store import open_store

def kill(statement):
    global left
    left -= statement.startswith("CREATE")
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

class Watched(sqlite3.Connection):
    def __init__(self, *values, **options):
        super().__init__(*values, **options)
        self.set_trace_callback(kill)

left, connect = int(sys.argv[2]), sqlite3.connect
sqlite3.connect = lambda *values, **options: connect(*values, factory=Watched, **options)
open_store(sys.argv[1])
"""
"""Makes a store and is killed at the statement of its schema with that number."""


def recorder(url: str, actor: str, runs: int) -> subprocess.Popen[str]:
    """Start a process that records two hosts again and again, every guest changed each time."""
    command = [sys.executable, "-c", RECORDER, url, actor, str(runs)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def record(url: str, guests: int = 3) -> None:
    with open_store(url) as store:
        run = store.begin(actor="a", selection="all")
        known = host(guests=[guest(n) for n in range(guests)], collected_at=None)
        store.record(run, known, digests(known))
        store.finish(run, "ok")


def count(url: str) -> int:
    with open_store(url) as store:
        assert [] == store.check()
        return len(list(store.query("guests")))


def test_a_kill_at_any_instant_loses_nothing_that_was_finished(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    last = -1
    for _ in range(8):
        process = recorder(url, "killed", 10_000)
        assert process.stdout is not None
        assert "open\n" == process.stdout.readline()
        until = time.monotonic() + random.uniform(0.0, 0.4)
        finished = -1
        while time.monotonic() < until:
            finished = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        finished = int(rest[-1]) if rest else finished
        with open_store(url) as store:
            assert [] == store.check()
            if finished >= 0:
                for name, vcpus in store.query("guests", columns=["host", "vcpus"]):
                    assert vcpus in (finished + 1, finished + 2), name
                last = finished
            spread = [row[0] for row in store.sql("SELECT count(DISTINCT vcpus) FROM guests GROUP BY host")]
            assert set(spread) <= {1}, "a host was written by halves"
    assert last >= 0


def test_a_kill_while_the_store_is_made_leaves_a_place_for_one(tmp_path):
    """Each place is killed a little later in its making: at a statement of its schema."""
    for number, statements in enumerate((0, 1, 5, 20, 35)):
        url = f"sqlite:///{tmp_path}/{number}.db"
        process = subprocess.run(
            [sys.executable, "-c", MAKER, url, str(statements)], cwd=ROOT, check=False, capture_output=True
        )
        assert -signal.SIGKILL == process.returncode, process.stderr
        assert (tmp_path / f"{number}.db").exists()
        record(url)
        assert 3 == count(url)


def test_two_runs_at_once_are_both_recorded(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    processes = [recorder(url, f"run {n}", 5) for n in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (0, "") == (process.returncode, errors)
    with open_store(url) as store:
        assert [] == store.check()
        assert [("ok", 15)] == list(store.sql("SELECT outcome, count(*) FROM runs GROUP BY outcome"))
        assert 80 == len(list(store.query("guests")))


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path):
    mounted = _small_disk(tmp_path)
    url = f"sqlite:///{tmp_path}/store.db"
    try:
        record(url)
        with pytest.raises(StoreError, match=r"the disk is full|refuses to read or write") as caught:
            record(url, 4000)
        assert str(tmp_path) in caught.value.where
        assert 3 == count(url)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", tmp_path], check=True)
        else:
            _limit(resource.RLIM_INFINITY)


def _small_disk(folder: Path) -> bool:
    """Root mounts one; others get a limit on the size of files, which SQLite takes for a full disk."""
    if os.geteuid() == 0:
        options = ["-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0:
            return True
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _limit(2 << 20)
    return False


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_a_busy_store_is_waited_for_and_then_said(tmp_path, monkeypatch):
    from omc.inventory.store import sqlite

    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path}/store.db"
    record(url)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another omc has been writing for too long"):
        record(url)
    other.execute("ROLLBACK")
    record(url)


def test_readers_are_not_stopped_by_a_writer(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    record(url)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store(url) as store:
        assert 3 == len(list(store.query("guests")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"this is a text of some length, but no database at all", "not an SQLite file"),
        (b"SQLite format 3\0" + bytes(4080), "damaged|not a database|not an SQLite file"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, content, message):
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=message) as caught:
        open_store(f"sqlite:///{path}")
    assert caught.value.hint
    assert content == path.read_bytes()


def test_another_programs_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(StoreError, match="not a store of omc"):
        open_store(f"sqlite:///{tmp_path}/other.db")


def test_damage_within_the_file_is_found_by_check_or_said(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    record(url, 300)
    path = tmp_path / "store.db"
    content = bytearray(path.read_bytes())
    for page in range(20, len(content) // 4096, 7):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert _problems(url)


def _problems(url: str) -> list[str]:
    try:
        with open_store(url) as store:
            return store.check()
    except StoreError as error:
        return [error.message] if "damaged" in error.message else []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the store cannot be made") as caught:
        open_store(f"sqlite:///{tmp_path}/file/store.db")
    assert "XDG_STATE_HOME" in caught.value.hint


def test_missing_folders_are_made_and_the_file_is_not_for_everybody(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = f"sqlite:///{tmp_path}/a/b/store.db"
    record(url)
    assert 0 == (tmp_path / "a/b/store.db").stat().st_mode & 0o007
    assert 0 == (tmp_path / "a/b").stat().st_mode & 0o007


@pytest.mark.parametrize("wal", [False, True], ids=["at rest", "beside a writer"])
def test_a_store_that_may_only_be_read_is_read(tmp_path, wal):
    if os.geteuid() != 0:
        lacking("only root becomes a user who may only read: use sudo")
    url = f"sqlite:///{tmp_path}/store.db"
    record(url)
    (tmp_path / "store.db").chmod(0o644)
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    writer = open_store(url) if wal else None
    if writer:
        run = writer.begin(actor="a", selection="all")
        writer.record(run, host("kvm2"), digests(host("kvm2")))
        for name in ("store.db-wal", "store.db-shm"):
            (tmp_path / name).chmod(0o644)
    script = (
        "import sys, os; sys.path.insert(0, sys.argv[2])\n"
        "from omc.errors import StoreError\n"
        "from omc.inventory.store import open_store\n"
        "os.setuid(65534)\n"
        "store = open_store(sys.argv[1])\n"
        "print(len(list(store.query('guests'))), len(list(store.documents())))\n"
        "try:\n    store.begin(actor='a', selection='b')\nexcept StoreError as error:\n    print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, url, str(ROOT)], capture_output=True, text=True, check=False)
    assert ("5 2" if wal else "3 1") + "\nthe store cannot be written\n" == done.stdout, done.stderr
