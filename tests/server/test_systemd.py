"""Under systemd: sockets that it hands over, and the unit that it starts."""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from omc.errors import OmcError, UsageError
from omc.exporters.server.listen import handed_over, listening, shown
from tests import prometheus
from tests.required import lacking

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "exporters" / "systemd"
PROGRAM = "import sys; sys.argv[0] = 'omc'; from omc.cli.main import run; run()"
# As systemd: the socket is descriptor 3, and the variables name the process itself.
LAUNCH = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="web")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2], "exporter", "serve", "--uri", "test:///default"])
"""


def test_a_socket_of_systemd_is_served():
    """The port was open before the process was there, and no other one is opened."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = shown(listener)
        command = (sys.executable, "-c", LAUNCH, str(listener.fileno()), PROGRAM)
        descriptors = (listener.fileno(),)
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=descriptors, stderr=subprocess.PIPE, text=True)
    try:
        assert select.select([process.stderr], [], [], 30)[0]
        assert address in process.stderr.readline()
        assert "libvirt_up 1" in prometheus.get(f"http://{address}/metrics")
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30)
    finally:
        process.kill()
        process.wait(10)
        process.stderr.close()


def test_sockets_for_another_process_are_left_alone():
    """LISTEN_PID is somebody else: nothing is taken, and no child sees the variables."""
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "2", "OTHER": "kept"}
    assert [] == handed_over(environ)
    assert {"OTHER": "kept"} == environ


def test_no_socket_where_one_was_promised_is_refused():
    """LISTEN_FDS=0 is a broken unit, not a reason to listen elsewhere."""
    with pytest.raises(OmcError, match="handed none over"):
        handed_over({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"})


@pytest.mark.parametrize("address", ["9177", "host", ":port", ":99999", "::1:9177", "[::1", "a b:1:2", ""])
def test_an_address_that_is_none_is_refused(address):
    """With an example of each spelling."""
    with pytest.raises(UsageError, match="expected HOST:PORT"):
        listening(address)


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:0", ":0"])
def test_addresses_are_listened_on(address):
    """A name, an address, or every address of the machine."""
    with listening(address) as listener, socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=5):
        pass


def test_a_port_in_use_is_named():
    """With the command that shows who has it."""
    with listening("127.0.0.1:0") as listener:
        with pytest.raises(OmcError, match="cannot listen") as caught:
            listening(shown(listener))
    assert "ss -ltnp" in caught.value.hint


def test_the_unit_has_a_user_of_its_own_and_no_power():
    """Not root, not in libvirt's group, no capability; what it starts exists."""
    unit = (UNITS / "omc-exporter.service").read_text()
    settings = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert "omc-exporter" == settings["User"] == settings["Group"]
    assert "" == settings["CapabilityBoundingSet"] == settings["AmbientCapabilities"]
    assert "SupplementaryGroups" not in settings
    assert settings["ExecStart"].startswith("/usr/bin/omc exporter serve")
    assert "m omc-exporter" not in (UNITS / "omc-exporter.conf").read_text()


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    """systemd-analyze verifies both, and calls the service's exposure OK."""
    if not shutil.which("systemd-analyze"):
        lacking("no systemd-analyze: apt-get install systemd")
    for unit in ("omc-exporter.service", "omc-exporter.socket"):
        text = (UNITS / unit).read_text().replace("/usr/bin/omc", sys.executable)
        (tmp_path / unit).write_text(text)
    paths = [tmp_path / unit for unit in ("omc-exporter.service", "omc-exporter.socket")]
    verified = subprocess.run(("systemd-analyze", "verify", *paths), capture_output=True, text=True, check=False)
    assert [] == [line for line in verified.stderr.splitlines() if "omc-exporter" in line]
    security = ("systemd-analyze", "security", "--offline=yes", paths[0])
    exposure = subprocess.run(security, capture_output=True, text=True, check=False).stdout
    assert re.search(r"Overall exposure level.*: [01]\.\d OK", exposure), exposure[-300:]
