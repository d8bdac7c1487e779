"""Operating systems of guests: which one it is, from libosinfo's name or the agent's words, and until when it is kept.

The dates are the last day on which everybody gets security updates without paying for more, as the makers publish them.
"""

import re

import msgspec

from omc.model import Guest


class System(msgspec.Struct, frozen=True):
    """An operating system: "windows" "2022", "debian" "12", "rhel" "9"."""

    family: str
    version: str

    def __str__(self) -> str:
        return f"{self.family} {self.version}".strip()


ENDS = {
    ("almalinux", "8"): "2029-03-01",
    ("almalinux", "9"): "2032-05-31",
    ("almalinux", "10"): "2035-05-31",
    ("centos", "6"): "2020-11-30",
    ("centos", "7"): "2024-06-30",
    ("centos", "8"): "2021-12-31",
    ("centos-stream", "8"): "2024-05-31",
    ("centos-stream", "9"): "2027-05-31",
    ("debian", "8"): "2020-06-30",
    ("debian", "9"): "2022-06-30",
    ("debian", "10"): "2024-06-30",
    ("debian", "11"): "2026-08-31",
    ("debian", "12"): "2028-06-30",
    ("debian", "13"): "2030-06-30",
    ("freebsd", "12"): "2023-12-31",
    ("freebsd", "13"): "2026-04-30",
    ("freebsd", "14"): "2028-11-30",
    ("freebsd", "15"): "2029-12-31",
    ("ol", "7"): "2024-12-31",
    ("ol", "8"): "2029-07-31",
    ("ol", "9"): "2032-06-30",
    ("rhel", "6"): "2020-11-30",
    ("rhel", "7"): "2024-06-30",
    ("rhel", "8"): "2029-05-31",
    ("rhel", "9"): "2032-05-31",
    ("rhel", "10"): "2035-05-31",
    ("rocky", "8"): "2029-05-31",
    ("rocky", "9"): "2032-05-31",
    ("rocky", "10"): "2035-05-31",
    ("ubuntu", "14.04"): "2019-04-25",
    ("ubuntu", "16.04"): "2021-04-30",
    ("ubuntu", "18.04"): "2023-05-31",
    ("ubuntu", "20.04"): "2025-05-29",
    ("ubuntu", "22.04"): "2027-06-01",
    ("ubuntu", "23.04"): "2024-01-25",
    ("ubuntu", "23.10"): "2024-07-11",
    ("ubuntu", "24.04"): "2029-05-31",
    ("ubuntu", "25.04"): "2026-01-15",
    ("ubuntu", "25.10"): "2026-07-09",
    ("ubuntu", "26.04"): "2031-05-29",
    ("windows", "xp"): "2014-04-08",
    ("windows", "7"): "2020-01-14",
    ("windows", "8"): "2016-01-12",
    ("windows", "8.1"): "2023-01-10",
    ("windows", "10"): "2025-10-14",
    ("windows", "2003"): "2015-07-14",
    ("windows", "2008"): "2020-01-14",
    ("windows", "2012"): "2023-10-10",
    ("windows", "2016"): "2027-01-12",
    ("windows", "2019"): "2029-01-09",
    ("windows", "2022"): "2031-10-14",
    ("windows", "2025"): "2034-10-10",
}
"""The day on which updates end, by family and version; what is not here is not known.

Debian's and Ubuntu's are those of Debian's package distro-info-data, the long-term support that is free included; the
others were held against endoflife.date (products/*.md of its repository), which links each maker's page.
"""

UNKNOWN_SYSTEM = (
    "the operating system of some guests is not known: no libosinfo id in their metadata, no answer of an agent"
)
"""What rules say of a host with guests of which nobody says what runs in them."""

_WINDOWS = re.compile(r"\b(20\d\d|11|10|8\.1|8|7|xp)\b", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"2k(\d+)")
_FAMILIES = {"mswindows": "windows", "win": "windows", "centosstream": "centos-stream", "redhat": "rhel"}
_BY_MAJOR = frozenset({"almalinux", "centos", "centos-stream", "debian", "freebsd", "ol", "rhel", "rocky"})


def system_of(guest: Guest) -> System | None:
    """Return the guest's operating system, the agent's word first; None where nobody says."""
    agent = guest.agent
    if agent is not None and agent.os_id:
        return system_named(agent.os_id, agent.os_version or "", agent.os_name or "")
    if guest.metadata.os_id:
        *_, family, version = ("", "", *guest.metadata.os_id.rstrip("/").split("/"))
        return system_named(family, version, "")
    return None


def system_named(family: str, version: str, name: str = "") -> System:
    """Return the system of os-release's ID, VERSION_ID and PRETTY_NAME, or of libosinfo's id."""
    family = _FAMILIES.get(family.lower(), family.lower())
    version = version.lower()
    if family == "windows":
        return System(family, _windows_version(version, name))
    if family == "centos" and ("stream" in version or "stream" in name.lower()):
        family, version = "centos-stream", version.removeprefix("stream")
    return System(family, version.partition(".")[0] if family in _BY_MAJOR else version)


def _windows_version(version: str, name: str) -> str:
    """Read "2k12r2", "11", "2022", or the name "Microsoft Windows Server 2019"."""
    short = _SHORT_YEAR.fullmatch(version.removesuffix("r2"))
    if short:
        return f"20{int(short[1]):02d}"
    found = _WINDOWS.search(version) or _WINDOWS.search(name)
    return found[1].lower() if found else version


def is_windows(guest: Guest) -> bool | None:
    """Tell whether it is Windows; None where nobody says."""
    system = system_of(guest)
    return None if system is None else system.family == "windows"
