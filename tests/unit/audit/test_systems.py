"""Which operating system a guest has, from the words that libosinfo and agents use for it."""

import pytest

from omc.audit.systems import System, is_windows, system_of
from omc.model import Agent, Guest, GuestMetadata


def _guest(os_id: str | None = None, agent: Agent | None = None) -> Guest:
    return Guest(host="kvm1", name="web", uuid="u", state="running", metadata=GuestMetadata(os_id=os_id), agent=agent)


@pytest.mark.parametrize(
    ("os_id", "expected"),
    [
        ("http://debian.org/debian/12", System("debian", "12")),
        ("http://ubuntu.com/ubuntu/24.04", System("ubuntu", "24.04")),
        ("http://redhat.com/rhel/9.2", System("rhel", "9")),
        ("http://centos.org/centos-stream/9", System("centos-stream", "9")),
        ("http://microsoft.com/win/2k8r2", System("windows", "2008")),
        ("http://microsoft.com/win/2k22", System("windows", "2022")),
        ("http://microsoft.com/win/11", System("windows", "11")),
        ("http://microsoft.com/win/xp", System("windows", "xp")),
        ("nonsense", System("", "nonsense")),
    ],
)
def test_libosinfo_names_are_read(os_id: str, expected: System) -> None:
    """Family and version; of those that count by majors the major alone."""
    assert expected == system_of(_guest(os_id))


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (Agent(os_id="mswindows", os_version="2019", os_name="Microsoft Windows Server 2019"), ("windows", "2019")),
        (Agent(os_id="mswindows", os_name="Microsoft Windows 10 Pro"), ("windows", "10")),
        (Agent(os_id="rocky", os_version="9.3"), ("rocky", "9")),
        (Agent(os_id="centos", os_version="9", os_name="CentOS Stream 9"), ("centos-stream", "9")),
    ],
)
def test_the_agents_word_counts_first(agent: Agent, expected: tuple[str, str]) -> None:
    """It says what runs now; the metadata says what was installed once."""
    assert System(*expected) == system_of(_guest("http://debian.org/debian/8", agent))


def test_nobody_says() -> None:
    """Neither metadata nor an agent that knows: not known, and so neither Windows nor not."""
    assert system_of(_guest()) is None
    assert system_of(_guest(agent=Agent(hostname="web"))) is None
    assert is_windows(_guest()) is None
