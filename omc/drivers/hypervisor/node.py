"""The host itself: versions, capabilities, SMBIOS, memory, NUMA, node devices; no call here asks a guest."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import libvirt

from omc.drivers.hypervisor.calls import Calls, Session
from omc.drivers.hypervisor.faults import each_that_is_there

_DEVICE_KINDS = (
    libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
    | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET
    | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_STORAGE
    | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_SCSI_HOST
    | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV
    | libvirt.VIR_CONNECT_LIST_NODE_DEVICES_CAP_CSS_DEV
)

_BOARDS = {"x86_64": "q35", "aarch64": "virt"}
"""The machine type that guests of today have. libvirt itself answers for its default, on x86_64 mostly still `pc`."""


class Node:
    """Reads what belongs to the host through `calls`; the attributes are those of `omc.ports.RawHost`."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.facts: dict[str, Any] = {}
        self.devices: dict[int, str] | None = None
        self.boards: dict[str, str] = {}

    def submit(self, *, read_write: bool) -> None:
        """Queue every call."""
        self._ask("hypervisor_version", "virConnectGetVersion", lambda connection: connection.getVersion())
        self._ask("hostname", "virConnectGetHostname", lambda connection: connection.getHostname())
        self._ask("sysinfo", "virConnectGetSysinfo", lambda connection: connection.getSysinfo(0))
        self._ask("node", "virNodeGetInfo", lambda connection: tuple(connection.getInfo()))
        self._ask("memory", "virNodeGetMemoryStats", lambda connection: connection.getMemoryStats(-1, 0))
        self._ask(
            "memory_parameters", "virNodeGetMemoryParameters", lambda connection: connection.getMemoryParameters(0)
        )
        self.calls.submit("host", "virConnectGetCapabilities", lambda session: self._capabilities(session, read_write))
        self.calls.submit("host", "virConnectListAllNodeDevices", self._list_devices)

    def finish(self) -> Mapping[str, Any]:
        """Give what was read, by the names of `RawHost`."""
        devices = None if self.devices is None else tuple(self.devices[key] for key in sorted(self.devices))
        facts = {**self.facts, "devices": devices}
        if "domain_capabilities" in facts:
            facts["domain_capabilities"] += tuple(self.boards[kind] for kind in sorted(self.boards))
        return facts

    def _ask(self, name: str, call: str, read: Callable[[libvirt.virConnect], object]) -> None:
        def task(session: Session) -> None:
            self.facts[name] = read(session.connection)

        self.calls.submit("host", call, task)

    def _capabilities(self, session: Session, read_write: bool) -> None:  # noqa: FBT001 - one private caller
        text = self.facts["capabilities"] = session.connection.getCapabilities()
        cells = [int(cell) for cell in re.findall(r"<cell id='(\d+)'", text)]
        sizes = sorted({int(size) for size in re.findall(r"<pages unit='KiB' size='(\d+)'", text)})
        if cells:
            self.calls.submit("host", "virNodeGetCellsFreeMemory", lambda it: self._cells(it, cells))
        if cells and sizes:
            self.calls.submit("host", "virNodeGetFreePages", lambda it: self._free_pages(it, cells, sizes))
        if read_write:
            call = "virConnectGetDomainCapabilities"
            self.calls.submit("host", call, lambda it: self._domain_capabilities(it, text))

    def _cells(self, session: Session, cells: list[int]) -> None:
        found = session.connection.getCellsFreeMemory(0, max(cells) + 1)
        self.facts["cell_free_bytes"] = dict(enumerate(found))

    def _free_pages(self, session: Session, cells: list[int], sizes: list[int]) -> None:
        found = session.connection.getFreePages(sizes, min(cells), max(cells) - min(cells) + 1, 0)
        self.facts["free_pages"] = {int(cell): dict(pages) for cell, pages in found.items()}

    def _domain_capabilities(self, session: Session, capabilities: str) -> None:
        native = re.search(r"<host>.*?<arch>([^<]+)</arch>", capabilities, re.DOTALL)
        found: list[str] = []
        for guest in re.findall(r"<guest>.*?</guest>", capabilities, re.DOTALL):
            arch = re.search(r"<arch name='([^']+)'", guest)
            if native is None or arch is None or arch.group(1) != native.group(1):
                continue
            for kind in re.findall(r"<domain type='([^']+)'", guest):
                found.append(session.connection.getDomainCapabilities(None, arch.group(1), None, kind, 0))
                self._ask_for_board(guest, arch.group(1), kind, found[-1])
        self.facts["domain_capabilities"] = tuple(found)

    def _ask_for_board(self, guest: str, arch: str, kind: str, answered: str) -> None:
        """Queue one more call where this host has the machine type of today, and libvirt answered for another."""
        board = _BOARDS.get(arch)
        if board is None or f">{board}</machine>" not in guest or re.search(rf"<machine>[^<]*\b{board}\b", answered):
            return

        def task(session: Session) -> None:
            self.boards[kind] = session.connection.getDomainCapabilities(None, arch, board, kind, 0)

        self.calls.submit("host", "virConnectGetDomainCapabilities", task)

    def _list_devices(self, session: Session) -> None:
        devices = session.connection.listAllDevices(_DEVICE_KINDS)
        read: dict[int, str] = {}
        for start in range(0, len(devices), self.calls.batch):
            part = devices[start : start + self.calls.batch]
            self.calls.submit("host", "virNodeDeviceGetXMLDesc", partial(_each, read, start, part), first=True)
        self.devices = read


def _each(read: dict[int, str], start: int, part: list[libvirt.virNodeDevice], _: Session) -> None:
    for offset, xml in enumerate(each_that_is_there(part, lambda device: device.XMLDesc(0))):
        read[start + offset] = xml
