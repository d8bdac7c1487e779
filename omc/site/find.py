"""Which site a command works on, and the sites that need no folder of one's own."""

from collections.abc import Mapping
from pathlib import Path

from omc.errors import SiteError
from omc.site.entities import Group, Settings, Site, SiteHost

SYSTEM_ROOT = Path("/etc/omc")
HOSTS_NAMES = ("hosts.yaml", "hosts.yml", "hosts.json", "hosts.ini", "hosts")


def inventories(root: Path) -> list[Path]:
    """Return the hosts files and the hosts folder in the site's `inventory/`; a sound site has exactly one."""
    return [path for path in (root / "inventory" / name for name in HOSTS_NAMES) if path.exists()]


def find_site(explicit: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return the root of the site to use: `explicit`, $OMC_SITE, the nearest parent of `folder`, /etc/omc, or None.

    Raise SiteError where the one that was asked for is no site.
    """
    if explicit is not None:
        return _asked_for(explicit, "--site")
    if environ.get("OMC_SITE"):
        return _asked_for(Path(environ["OMC_SITE"]), "$OMC_SITE")
    for parent in (folder, *folder.parents, SYSTEM_ROOT):
        if inventories(parent):
            return parent
    return None


def _asked_for(root: Path, origin: str) -> Path:
    root = root.expanduser()
    if inventories(root):
        return root
    if not root.is_dir():
        raise SiteError(f"{origin} names no folder", where=str(root), hint="omc init FOLDER makes a new site")
    for nearby in (root.parent, *root.iterdir()):
        if nearby.is_dir() and inventories(nearby):
            raise SiteError(f"{origin} names no site", where=str(root), hint=f"meant {nearby}?")
    expected = "expected inventory/hosts.yaml, hosts.ini or a folder inventory/hosts/; omc init FOLDER makes a new site"
    raise SiteError(f"{origin} names no site", where=str(root), hint=expected)


def reference_root() -> Path:
    """Return the folder of the reference site: the installed package's own, or the checkout that the code runs from."""
    package = Path(__file__).parents[1]
    installed = package / "reference"
    return installed if installed.is_dir() else package.parent


def local_site(uri: str = "qemu:///system") -> Site:
    """Return a site of one host: this machine, by its host name, with default settings."""
    from socket import gethostname

    name = gethostname()
    variables = {"libvirt_uri": uri, "ansible_connection": "local"}
    host = SiteHost(name=name, uri=uri, groups=("ungrouped",), variables=variables)
    groups = {
        "all": Group(name="all", hosts=(name,), children=("ungrouped",), variables={}),
        "ungrouped": Group(name="ungrouped", hosts=(name,), children=(), variables={}),
    }
    return Site(root=Path("/"), hosts={name: host}, groups=groups, settings=Settings(), source="this machine")
