"""The site: a folder with an Ansible inventory and omc's own settings, found, read and checked.

`find_site` says which one, `load_site` reads it whole and refuses it with file and line where anything is wrong,
`resolve` fills in the templates of one variable. No playbook, no plugin and no script is ever run, no vault opened.
"""

from omc.site.entities import Group, Sealed, Settings, Site, SiteHost, Unsafe
from omc.site.find import find_site, local_site, reference_root

__all__ = [
    "Group",
    "Sealed",
    "Settings",
    "Site",
    "SiteHost",
    "Unsafe",
    "find_site",
    "local_site",
    "reference_root",
]
