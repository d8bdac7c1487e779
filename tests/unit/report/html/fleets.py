"""Fleets for tests of the page, made by hand: hosts of the model, and what capacity counts of them."""

from collections.abc import Iterable, Sequence

import msgspec

from omc.capacity.terms import Terms
from omc.capacity.whole import count
from omc.model import Address, Disk, Guest, Host, HostCpu, Issue, Network, Nic, Pool
from omc.report.html.room import Loss, PoolSpace, Room, Space
from omc.report.source import About, Audited, Finding, Source

GIB = 1 << 30
STATES = ("running", "running", "running", "shut off", "paused", "running", "running", "crashed")


def guest(name: str, *, host: str = "kvm1", state: str = "running", gib: int = 8, vcpus: int = 2) -> Guest:
    """Return a guest with a disk and a nic."""
    return Guest(
        host=host,
        name=name,
        uuid=f"{abs(hash(name)):032x}"[:32],
        state=state,
        type="kvm",
        arch="x86_64",
        vcpus=vcpus,
        memory_bytes=gib * GIB,
        disks=(Disk(target="vda", source=f"/images/{name}", capacity_bytes=40 * GIB),),
        nics=(Nic(mac="52:54:00:00:00:01", source="default", addresses=(Address(address="198.51.100.7"),)),),
    )


def host(name: str, guests: Sequence[Guest] = (), *, gib: int = 256, groups: tuple[str, ...] = ("production",)) -> Host:
    """Return a host that was read whole."""
    return Host(
        name=name,
        uri=f"qemu+ssh://{name}/system",
        groups=groups,
        collected_at="2026-11-21T10:00:00Z",
        driver="QEMU",
        hypervisor_version="7.2.9",
        libvirt_version="9.0.0",
        cpu=HostCpu(model="EPYC-Rome", count=64),
        memory_bytes=gib * GIB,
        guests=tuple(guests),
        pools=(
            Pool(
                name="images",
                uuid="1",
                type="dir",
                state="running",
                path="/images",
                capacity_bytes=1000 * GIB,
                allocation_bytes=700 * GIB,
                available_bytes=300 * GIB,
                volumes=(),
            ),
        ),
        networks=(Network(name="default", uuid="2", active=True),),
    )


def lost(name: str, *, groups: tuple[str, ...] = ("production",)) -> Host:
    """Return a host that was never read."""
    return Host(
        name=name,
        uri=f"qemu+ssh://{name}/system",
        groups=groups,
        status="unreachable",
        status_reason="no answer",
        issues=(Issue(host=name, subject="host", code="unreachable", what="everything", why="no answer", failed=True),),
    )


def finding(subject: str, *, host: str = "kvm1", rule: str = "G11", severity: str = "critical") -> Finding:
    """Return a finding."""
    return Finding(rule, severity, host, subject, f"{subject} is wrong", f"mend {subject}", f"What {rule} finds")


def fleet(hosts: Iterable[Host], findings: Sequence[Finding] | None = (), **about: object) -> Source:
    """Return these hosts as a source."""
    every = tuple(hosts)
    told = About(
        **{
            "site": "example",
            "made_at": "2026-11-21T12:00:00Z",
            "version": "1.0",
            "names": tuple(one.name for one in every),
            "unread": tuple(one.name for one in every if not one.collected_at),
            **about,
        }
    )
    return Source(told, lambda: every, None if findings is None else Audited(findings, 90, 3, 1))


def room(source: Source) -> Room:
    """Count a source's capacity as the command does."""
    counted = count((msgspec.json.encode(one) for one in source.hosts()), Terms())

    return Room(
        reserve="1 GiB",
        ratio=4.0,
        total=Space.of(counted.total),
        clusters=[Space.of(line) for line in counted.clusters],
        hosts=[Space.of(line) for line in counted.hosts],
        pools=[PoolSpace(*(getattr(pool, name) for name in PoolSpace._fields)) for pool in counted.pools],
        losses=[Loss(*(getattr(loss, name) for name in Loss._fields)) for loss in counted.losses],
    )


def many(hosts: int, guests: int) -> Source:
    """Return a large fleet with all kinds of states, sizes and findings."""
    made = []
    findings = []
    for number in range(hosts):
        name = f"kvm{number:04}"
        own = [
            guest(
                f"guest-{number:04}-{each:03}", host=name, state=STATES[(number + each) % len(STATES)], gib=4 + each % 9
            )
            for each in range(guests)
        ]
        made.append(host(name, own, gib=(256, 512, 384, 1024)[number % 4], groups=(f"row{number // 50}",)))
        findings += [
            finding(f"guest/{one.name}", host=name, rule=f"G{one.vcpus:02}", severity="warning") for one in own[::10]
        ]
        findings += [
            finding("host", host=name, rule=f"H{number % 7:02}", severity=("info", "critical")[number % 40 == 0])
        ]
    made[-1] = lost(made[-1].name)
    return fleet(made, findings)
