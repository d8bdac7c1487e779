"""The served site: read again when its files change, and never worse than the last good one."""

import asyncio
import threading
from pathlib import Path

import pytest

from omc.errors import SiteError
from omc.exporters.server import targets as module
from omc.exporters.server.targets import Targets
from omc.site import load_site


@pytest.fixture
def write(tmp_path: Path):
    """Write the site's hosts, and return its folder."""
    (tmp_path / "inventory").mkdir()

    def write(text: str) -> Path:
        (tmp_path / "inventory" / "hosts.yaml").write_text(text)
        return tmp_path

    return write


def targets_of(root: Path) -> Targets:
    return Targets(lambda: load_site(root), root / "inventory")


def test_a_new_host_is_there_after_a_change(write):
    """Also one that a file of variables moves."""
    root = write("kvm: {hosts: {kvm1: {}}}")
    targets = targets_of(root)
    write("kvm: {hosts: {kvm1: {}, kvm2: {}}}")
    targets.refresh()
    assert ["kvm1", "kvm2"] == list(targets.last.hosts)
    (root / "inventory" / "host_vars").mkdir()
    (root / "inventory" / "host_vars" / "kvm1.yaml").write_text("rack: a1")
    targets.refresh()
    assert "a1" == targets.last.hosts["kvm1"].variables["rack"]


def test_a_broken_site_leaves_the_last_good_one(write, logged):
    """It is logged, shown in a metric, and over with the next good one."""
    targets = targets_of(write("kvm: {hosts: {kvm1: {}}}"))
    write("kvm: {hosts: [kvm1]}")
    targets.refresh()
    assert ["kvm1"] == list(targets.last.hosts)
    assert not targets.reload_successful
    assert "hosts.yaml:1" in logged.text
    write("kvm: {hosts: {kvm3: {}}}")
    targets.refresh()
    assert ["kvm3"] == list(targets.last.hosts)
    assert targets.reload_successful


def test_a_broken_site_at_the_start_is_refused(write):
    """There is no last good one then."""
    with pytest.raises(SiteError):
        targets_of(write("kvm: {hosts: [kvm1]}"))


def test_files_are_not_looked_at_for_every_request(write):
    """A change is seen within seconds, not at once."""
    root = write("kvm: {hosts: {kvm1: {}}}")
    targets = targets_of(root)
    write("kvm: {hosts: {kvm1: {}, kvm2: {}}}")
    assert ["kvm1"] == list(asyncio.run(targets.site()).hosts)


def test_files_that_hang_leave_the_last_good_site_in_force(write, logged, monkeypatch):
    """Every request is answered meanwhile, by threads that hold up no end of the process."""
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(module, "READ_SECONDS", 0.0)
    hang, loads = threading.Event(), []
    root = write("kvm: {hosts: {kvm1: {}}}")

    def load():
        loads.append(threading.current_thread())
        if len(loads) > 1:
            hang.wait(30)
        return load_site(root)

    async def ask():
        return [list((await targets.site()).hosts) for _ in range(3)]

    targets = Targets(load, root / "inventory")
    write("kvm: {hosts: {kvm1: {}, kvm2: {}}}")
    try:
        assert [["kvm1"]] * 3 == asyncio.run(ask())
        assert 2 == len(loads)
        assert loads[1].daemon
        assert "the last good site stays in force" in logged.text
    finally:
        hang.set()


def test_a_folder_that_cannot_be_looked_into_leaves_the_last_good_site(write, logged):
    """One that vanishes while it is read, or a stale mount."""
    root = write("kvm: {hosts: {kvm1: {}}}")

    class Vanishing(type(root)):
        def rglob(self, pattern):
            if self.gone:
                raise FileNotFoundError(2, "No such file or directory", str(self))
            return super().rglob(pattern)

    folder = Vanishing(root / "inventory")
    Vanishing.gone = False
    targets = Targets(lambda: load_site(root), folder)
    Vanishing.gone = True
    targets.refresh()
    assert ["kvm1"] == list(targets.last.hosts)
    assert not targets.reload_successful
    assert "No such file" in logged.text
    Vanishing.gone = False
    targets.refresh()
    assert targets.reload_successful
