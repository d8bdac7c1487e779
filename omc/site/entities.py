"""What a site is once it is read: its hosts, groups and settings, frozen.

Values of variables are raw, as the files have them: templates unresolved (`omc.site.resolve`), vault values sealed.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from omc.sizes import HOST_RESERVE


class Sealed(msgspec.Struct, frozen=True):
    """A value that ansible-vault encrypted. omc never opens it, and prints it as "(sealed)"."""

    ciphertext: str

    def __str__(self) -> str:
        return "(sealed)"

    def __repr__(self) -> str:
        return "(sealed)"


class Unsafe(str):
    """Text that Ansible's `!unsafe` marks as no template, whatever braces it has."""

    __slots__ = ()


class SiteHost(msgspec.Struct, frozen=True):
    """One host of the site's Ansible inventory.

    `groups` has every group that the host is in, parents included, without "all", sorted as Ansible's `group_names`.
    `file` is the absolute path of the file that names the host first: its folder is the host's `inventory_dir`.
    Where the variables give no URI (a sealed value, a template that cannot be resolved), `problem` says why, and `uri`
    is one that libvirt refuses to open: report the host as failed with `problem`, and go on with the others.
    """

    name: str
    uri: str
    groups: tuple[str, ...]
    variables: Mapping[str, object]
    file: str = ""
    problem: str = ""


class Group(msgspec.Struct, frozen=True):
    """One group: `hosts` with those of its children, in order; `children` are the direct ones; `variables` its own."""

    name: str
    hosts: tuple[str, ...]
    children: tuple[str, ...]
    variables: Mapping[str, object]


class Settings(msgspec.Struct, frozen=True):
    """What `inventory/site.yaml` sets; the defaults are those of a site without the file.

    `store` and `store_reader` are database URLs; empty means the user's own SQLite file, and `store` for reading.
    `parallel` is the number of hosts asked at a time. `host_reserve` is a host's memory that is not for guests, a size
    or a share. `collect_read_write` and `collect_agent` say what every collect reads, where a command line does not.
    """

    store: str = ""
    store_reader: str = ""
    timeout_seconds: float = 30.0
    connect_timeout_seconds: float = 5.0
    parallel: int = 32
    max_age_seconds: float = 300.0
    host_reserve: str = HOST_RESERVE
    collect_read_write: bool = False
    collect_agent: bool = False


class Site(msgspec.Struct, frozen=True):
    """A site as it was read. `hosts` is in the files' order; `source` tells a person where the site comes from.

    `warnings` are oddities that Ansible only warns of, too; a mistake never gets this far.
    """

    root: Path
    hosts: Mapping[str, SiteHost]
    groups: Mapping[str, Group]
    settings: Settings
    source: str
    warnings: tuple[str, ...] = ()
