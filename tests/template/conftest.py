"""The fleet that the tests of `omc template` work on."""

from pathlib import Path

import pytest

from omc.templates import changing
from tests.sshd import SshHosts
from tests.template.fleet import Fleet


@pytest.fixture
def fleet(
    tmp_path: Path,
    ssh_hosts: SshHosts,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Fleet:
    """No host yet; `add` brings them up."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("OMC_SITE", "SUDO_USER", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return Fleet(tmp_path, ssh_hosts, capfdbinary)


@pytest.fixture
def little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that puts itself back is asked for about a second after its time, not for eight."""
    monkeypatch.setattr(changing, "GRACE_SECONDS", 3.0)
