"""What could not be read of a host: every Fault of the driver as an Issue, in words and with what to do about it."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import structs

from omc.errors import OmcError
from omc.model import Issue
from omc.ports import Fault

Read = TypeVar("Read")

HINTS = {
    "needs-read-write": "run with --read-write",
    "no-agent": "is the agent running in the guest? (qemu-guest-agent)",
    "deadline": "give it more time: --timeout SECONDS",
    "hung": "look at its QEMU on the host: virsh domstate NAME --reason; virsh domcontrol NAME",
    "connection-lost": "look at the daemon on the host: systemctl status libvirtd; journalctl -u libvirtd",
    "invalid": "look at it with virsh dumpxml, and tell omc's authors if virsh reads it",
}
"""What to do, by code; the other codes have no general cure."""

WHAT = {
    "connection": "everything that was not read before",
    "virConnectGetCapabilities": "what the host can do",
    "virConnectGetDomainCapabilities": "what guests may have here (domain capabilities)",
    "virConnectGetHostname": "the host's own name",
    "virConnectGetSysinfo": "the host's hardware (SMBIOS)",
    "virConnectGetVersion": "the hypervisor's version",
    "virConnectListAllDomains": "one property of all guests",
    "virConnectListAllNetworks": "networks",
    "virConnectListAllNodeDevices": "devices of the host",
    "virConnectListAllStoragePools": "storage pools",
    "virDomainGetGuestInfo": "what the guest agent says",
    "virDomainGetMessages": "libvirt's messages on guests",
    "virDomainGetXMLDesc": "the configuration",
    "virDomainInterfaceAddresses": "addresses",
    "virDomainListAllCheckpoints": "checkpoints",
    "virDomainListAllSnapshots": "snapshots",
    "virDomainListGetStats": "statistics: sizes of disks, memory in use",
    "virNetworkGetDHCPLeases": "leases",
    "virNetworkGetXMLDesc": "the configuration",
    "virNodeDeviceGetXMLDesc": "devices of the host",
    "virNodeGetCellsFreeMemory": "free memory of each NUMA cell",
    "virNodeGetFreePages": "free huge pages",
    "virNodeGetInfo": "CPUs and memory of the host",
    "virNodeGetMemoryParameters": "memory merging (KSM)",
    "virNodeGetMemoryStats": "free memory of the host",
    "virStoragePoolGetXMLDesc": "the configuration",
    "virStoragePoolListAllVolumes": "volumes",
    "virStorageVolGetXMLDesc": "volumes",
}
"""What a call of libvirt would have told; its argument, in brackets behind the name, is kept."""


class Issues:
    """The issues of one host, gathered while it is read."""

    def __init__(self, host: str, faults: tuple[Fault, ...]) -> None:
        self.host = host
        self.found: list[Issue] = []
        self._times: dict[tuple[str, str, str], tuple[int, int]] = {}  # key → place in `found`, how often
        for fault in faults:
            self._add(self._of_fault(fault))

    def add(self, subject: str, code: str, what: str, why: str, *, failed: bool = False) -> None:
        """Add one; the same of one subject again is counted behind the first reason."""
        hint = HINTS.get(code, "")
        self._add(Issue(host=self.host, subject=subject, code=code, what=what, why=why, hint=hint, failed=failed))

    def _add(self, issue: Issue) -> None:
        key = (issue.subject, issue.code, issue.what)
        if key not in self._times:
            self._times[key] = (len(self.found), 1)
            self.found.append(issue)
            return
        place, times = self._times[key]
        first = self.found[place]
        why = first.why.removesuffix(_counted(times)) + _counted(times + 1)
        self._times[key] = (place, times + 1)
        self.found[place] = structs.replace(first, why=why, failed=first.failed or issue.failed)

    def attempt(self, subject: str, what: str, read: Callable[[], Read]) -> Read | None:
        """Call a reader; what it cannot read becomes an issue, and None."""
        try:
            return read()
        except OmcError as error:
            self.add(subject, "invalid", what, error.message, failed=True)
            return None

    def about(self, subject: str) -> bool:
        """Tell whether something is already said of this subject that should have worked."""
        return any(issue.failed and issue.subject == subject for issue in self.found)

    def said(self, subject: str, code: str) -> bool:
        """Tell whether an issue of that code is there of this subject, whatever it misses."""
        return any(issue.subject == subject and issue.code == code for issue in self.found)

    @property
    def lost(self) -> bool:
        """Tell whether the connection broke: that explains all that is missing."""
        return any(issue.code == "connection-lost" for issue in self.found)

    def failure(self) -> str | None:
        """Say in one line why the host is not "ok"; None where all that should work did."""
        failed = [issue for issue in self.found if issue.failed]
        if not failed:
            return None
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return f"{failed[0].subject}: {failed[0].what}: {failed[0].why}{more}"

    def _of_fault(self, fault: Fault) -> Issue:
        call, bracket, argument = fault.call.partition("(")
        what = WHAT.get(call, call)
        return Issue(
            host=self.host,
            subject=fault.subject,
            code=fault.code,
            what=f"{what} ({argument.rstrip(')')})" if bracket else what,
            why=fault.message,
            hint=HINTS.get(fault.code, ""),
            failed=fault.failed,
        )


def _counted(times: int) -> str:
    return f" ({times} times)" if times > 1 else ""
