"""F01 on made-up sites: what it finds no guest needs, however its disks, chains, snapshots and hosts lie."""

from collections.abc import Mapping, Sequence
from posixpath import basename
from typing import Any, NamedTuple

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omc.audit.engine import audit, read_fleet
from omc.audit.finding import Report
from omc.audit.rules.fleet_volumes import orphaned
from omc.audit.settings import AuditSettings

NOW = "2026-11-21T10:00:00Z"
OLD = "2020-01-02T03:04:05Z"
FOLDERS = ("/pool", "/data/pool")
"""Where the one storage is mounted, by host: the same files under two paths."""


class Image(NamedTuple):
    """A file of the storage and the number of the file below it."""

    number: int
    below: int | None
    form: str
    outside: bool  # beside the pool's folder: no pool lists it


class Need(NamedTuple):
    """A guest that needs an image: how it names it, whether it runs, where, and what else it has."""

    image: int
    host: int
    runs: bool
    way: str  # path, volume, snapshot, files, nvram, mirror


@st.composite
def _sites(draw: st.DrawFn, *, outside: bool) -> tuple[list[Image], list[Need]]:
    count = draw(st.integers(1, 7))
    images = []
    for number in range(count):
        below = draw(st.none() | st.integers(0, number - 1)) if number else None
        form = "raw" if below is None and draw(st.booleans()) else "qcow2"
        images.append(Image(number, below, form, outside and draw(st.booleans())))
    needs = st.builds(
        Need,
        st.integers(0, count - 1),
        st.integers(0, 1),
        st.booleans(),
        st.sampled_from(("path", "volume", "snapshot", "files", "nvram", "mirror")),
    )
    return images, draw(st.lists(needs, max_size=4))


def _name(image: Image) -> str:
    return f"image{image.number}.{'img' if image.form == 'raw' else 'qcow2'}"


def _path(image: Image, host: int) -> str:
    return f"{FOLDERS[host]}{'/../outside' if image.outside else ''}/{_name(image)}"


def _told(chain: Sequence[Image], need: Need, *, listed: bool) -> Sequence[Image]:
    """Return the images below the top that omc is told of: by libvirt of a guest that runs, else by volumes."""
    if need.runs:
        return chain[1:]
    known = [] if not listed else [image.outside for image in chain]
    return chain[1 : 1 + (known.index(True) if True in known else len(known))]


def _below(images: Sequence[Image], number: int) -> list[Image]:
    """Return an image and all that it lies on: the truth that no rule is asked for."""
    chain = [images[number]]
    while chain[-1].below is not None:
        chain.append(images[chain[-1].below])
    return chain


def _guest(images: Sequence[Image], need: Need, index: int, listed: bool) -> Mapping[str, Any]:
    chain = _below(images, need.image)
    paths = [_path(image, need.host) for image in chain]
    fields: dict[str, Any] = {"files": [], "disks": [], "snapshots": []}
    disk = {"target": "vda", "format": chain[0].form, "source": paths[0], "capacity_bytes": 1}
    disk["backing_chain"] = [
        {"source": _path(image, need.host), "format": image.form, "capacity_bytes": 1}
        for image in _told(chain, need, listed=listed)
    ]
    if need.way == "path" or (need.way == "volume" and (chain[0].outside or not listed)):
        fields["disks"] = [disk]
    elif need.way == "volume":
        fields["disks"] = [{**disk, "type": "volume", "source": f"images/{basename(paths[0])}"}]
    elif need.way == "snapshot":
        fields["snapshots"] = [{"name": "s", "disks": [{"target": "vda", "snapshot": "external", "source": paths[0]}]}]
    elif need.way == "files":
        fields["files"] = [paths[0]]
    elif need.way == "nvram":
        fields["firmware"] = {"nvram": paths[0]}
    else:
        top = {"target": "vda", "format": "raw", "source": "/dev/vg/top", "type": "block", "mirror": paths[0]}
        fields["disks"] = [top]
    state = "running" if need.runs else "shut off"
    return {
        "host": f"kvm{need.host}", "name": f"g{index}", "uuid": f"u{index}", "state": state, "type": "kvm",
        "managed_save": False, **fields,
    }  # fmt: skip


def _pool(images: Sequence[Image], host: int) -> Mapping[str, Any]:
    volumes = [
        {
            "pool": "images", "name": _name(image), "path": _path(image, host), "type": "file",
            "format": image.form, "capacity_bytes": 1000 + image.number, "allocation_bytes": 1 << 30,
            "physical_bytes": 1000 + image.number, "modified_at": OLD,
            "backing_format": None if image.below is None else images[image.below].form,
            "backing_path": None if image.below is None else _path(images[image.below], host),
        }
        for image in images
        if not image.outside
    ]  # fmt: skip
    return {"name": "images", "uuid": "p", "type": "dir", "state": "running", "path": FOLDERS[host], "volumes": volumes}


def _audited(images: Sequence[Image], needs: Sequence[Need], pools: Sequence[int]) -> Report:
    hosts = []
    for number in (0, 1):
        listed = number in pools
        hosts.append(
            {
                "name": f"kvm{number}", "uri": "", "collected_at": NOW, "uuid": f"h{number}",
                "guests": [_guest(images, need, i, listed) for i, need in enumerate(needs) if need.host == number],
                "pools": [_pool(images, number)] if listed else [],
            }
        )  # fmt: skip
    documents = [msgspec.json.encode(host) for host in hosts]
    settings_ = AuditSettings()
    return audit(read_fleet(documents, settings_), lambda: documents, [orphaned], settings_, now=NOW)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_sites(outside=True), st.sampled_from(((0,), (0, 1))))
def test_nothing_is_found_that_a_guest_needs(site: tuple[list[Image], list[Need]], pools: Sequence[int]) -> None:
    """One storage, mounted at two places, a pool on one host or on both: no image of any chain in use is found."""
    images, needs = site
    report = _audited(images, needs, pools)
    assert [] == [item.why for item in report.unchecked if "fault" in item.why]
    found = {finding.subject.rpartition("/")[2] for finding in report.findings}
    needed = {_name(image) for need in needs for image in _below(images, need.image)}
    assert set() == found & needed


@settings(max_examples=60, deadline=None)
@given(_sites(outside=False))
def test_on_one_host_all_that_nobody_lies_upon_is_found(site: tuple[list[Image], list[Need]]) -> None:
    """With every guest where the pool is, the tops that nobody needs are found, each of them: it is no silent rule."""
    images, needs = site
    here = [need._replace(host=0) for need in needs]
    found = {finding.subject.rpartition("/")[2] for finding in _audited(images, here, (0,)).findings}
    needed = {_name(image) for need in here for image in _below(images, need.image)}
    lain_upon = {_name(images[image.below]) for image in images if image.below is not None}
    assert {_name(image) for image in images} - needed - lain_upon == found
