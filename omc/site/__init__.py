"""The site: a folder with an Ansible inventory and omc's own settings, found, read and checked.

`find_site` says which one, `load_site` reads it whole and refuses it with file and line where anything is wrong,
`resolve` fills in the templates of one variable. No playbook, no plugin and no script is ever run, no vault opened.
"""

from pathlib import Path

from omc.site.entities import Group, Sealed, Settings, Site, SiteHost, Unsafe
from omc.site.find import find_site, local_site, reference_root
from omc.site.resolve import resolve

__all__ = [
    "Group",
    "Sealed",
    "Settings",
    "Site",
    "SiteHost",
    "Unsafe",
    "find_site",
    "load_site",
    "local_site",
    "reference_root",
    "resolve",
]


def load_site(root: Path) -> Site:
    """Return the site in a folder; raise SiteError with file and line where anything in its files is wrong.

    A host without a usable URI does not make the site wrong: it has a `problem` (see SiteHost).
    """
    from omc.site.load import load_site as load

    return load(root)
