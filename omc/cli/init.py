"""`omc init`: a new site in a folder, made from the reference site.

Shipped templates stay where they are: a copy would win over the shipped one for ever, and no upgrade of omc would reach
the site. Who changes one copies that one.
"""

import shlex
import shutil
from pathlib import Path

import click

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.errors import OmcError, UsageError

_COPIED = ("inventory", "exporters")
_TEMPLATES = """\
# templates: what hosts should be

One folder a template: `manifest.yaml` and `*.j2` files. The templates that come with omc need not be here:

    omc template list                    # them, and this site's own
    omc template show chrony             # its variables with types and defaults, its files, where its folder is
    omc template plan kvm1 chrony        # what would change on a host

They are for a host only where it is asked for, on the command line or by `omc_templates: [chrony]` in the inventory,
host_vars/ or group_vars/. To change one, copy its folder here: it then takes the place of the one that came with omc,
for the same hosts. Templates with other names are for the hosts that their manifests name.
"""


@_command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@pass_run
def command(run: Run, folder: Path) -> None:
    """Make a new site in FOLDER: the reference site with comments, to be edited.

    The templates that come with omc stay with omc. What is there already is never overwritten.
    """
    from omc.site import reference_root

    source = reference_root()
    for name in (*_COPIED, "templates"):
        if (folder / name).exists() or (folder / name).is_symlink():
            raise UsageError("there is something already", where=str(folder / name), hint="choose an empty folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _COPIED:
            shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        (folder / "templates").mkdir()
        (folder / "templates" / "README.md").write_text(_TEMPLATES, encoding="utf-8")
    except OSError as error:
        raise OmcError(error.strerror or str(error), where=str(error.filename or folder)) from error
    hosts, place = shlex.quote(str(folder / "inventory" / "hosts.yaml")), shlex.quote(str(folder))
    run.output.info(f"a new site: edit {hosts}, then: cd {place} && omc inventory")
