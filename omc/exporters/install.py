"""Where the data of `exporters/` belongs on a machine: units for systemd, the rest for Prometheus and Grafana.

Says what would change; it writes nothing itself.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec


class Part(msgspec.Struct, frozen=True):
    """One folder of `exporters/`: which of its files belong where below the root, and what makes them count."""

    places: Mapping[str, str]
    then: str = ""


_RELOAD = "systemctl reload prometheus"
_UNITS = "etc/systemd/system"
PARTS: Mapping[str, Part] = {
    "systemd": Part(
        {"*.service": _UNITS, "*.socket": _UNITS, "*.conf": "etc/sysusers.d"},
        "systemd-sysusers && systemctl daemon-reload && systemctl enable --now omc-exporter.service",
    ),
    "rules": Part(
        {"*.yaml": "etc/prometheus/omc/rules"},
        f"see that rule_files of Prometheus's configuration has /etc/prometheus/omc/rules/*.yaml; {_RELOAD}",
    ),
    "prometheus": Part(
        {"*.yml": "etc/prometheus/omc/prometheus"},
        "start Prometheus with --config.file=/etc/prometheus/omc/prometheus/prometheus.yml (on Debian ARGS in "
        f"/etc/default/prometheus), or take the jobs over into yours; {_RELOAD}",
    ),
    "dashboards": Part({"*.json": "etc/prometheus/omc/dashboards"}),
}


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """One file and its place; `old` is what is there now, None where nothing is."""

    part: str
    source: Path
    target: Path
    content: bytes
    old: bytes | None

    @property
    def change(self) -> str:
        """Return new, changed or same."""
        if self.old is None:
            return "new"
        return "same" if self.old == self.content else "changed"

    def difference(self) -> Iterator[str]:
        """Yield the lines of a unified diff from what is there to what would be."""
        old, new = ((text or b"").decode(errors="replace").splitlines() for text in (self.old, self.content))
        yield from difflib.unified_diff(old, new, str(self.target), str(self.source), lineterm="")


def placements(folders: Sequence[Path], parts: Collection[str], root: Path) -> list[Placement]:
    """Return every file of the parts with its place below `root`; of two with one name the later folder's is taken.

    Raises OSError where a file cannot be read.
    """
    sources: dict[Path, tuple[str, Path]] = {}
    for name in (name for name in PARTS if name in parts):
        for folder in folders:
            for pattern, place in PARTS[name].places.items():
                for source in sorted((folder / name).glob(pattern)):
                    sources[root / place / source.name] = (name, source)
    return [
        Placement(part=part, source=source, target=target, content=source.read_bytes(), old=_content(target))
        for target, (part, source) in sources.items()
    ]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
