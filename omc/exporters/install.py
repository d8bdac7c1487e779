"""Where the data of `exporters/` belongs on a machine: units for systemd, the rest for Prometheus and Grafana.

Says what would change; it writes nothing itself.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec


class Part(msgspec.Struct, frozen=True):
    """One folder of `exporters/`: which files of it, where they belong below the root, and what makes them count."""

    pattern: str
    target: str
    then: str


PARTS: Mapping[str, Part] = {
    "systemd": Part("omc*", "etc/systemd/system", "systemctl daemon-reload"),
    "rules": Part("*.yaml", "etc/prometheus/omc/rules", "systemctl reload prometheus"),
    "prometheus": Part("*.yml", "etc/prometheus/omc/prometheus", "systemctl reload prometheus"),
    "dashboards": Part("*.json", "etc/prometheus/omc/dashboards", ""),
}


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """One file and its place; `old` is what is there now, None where nothing is."""

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
    sources: dict[Path, Path] = {}
    for name in (name for name in PARTS if name in parts):
        part = PARTS[name]
        for folder in folders:
            for source in sorted((folder / name).glob(part.pattern)):
                sources[root / part.target / source.name] = source
    return [
        Placement(source=source, target=target, content=source.read_bytes(), old=_content(target))
        for target, source in sources.items()
    ]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
