"""`omc report xlsx`: the workbook."""

from pathlib import Path
from typing import Any

from omc.cli.command import command as _command
from omc.cli.command import pass_run
from omc.cli.context import Run
from omc.cli.report.gathering import Wanted, gather, report_options, tell
from omc.cli.report.writing import write_file
from omc.errors import Exit


@_command("xlsx")
@report_options
@pass_run
def command(run: Run, /, **asked: Any) -> Exit:
    """Write a workbook with a tab each for guests, disks, nics, snapshots, hosts, pools, findings and more.

    Tabs and columns have the names of RVTools where they mean the same; those that begin with omc are omc's own.
    PATTERN selects hosts (Ansible's, `kvm*:!rack3:&prod`; default: all). Exits 3 where a host could not be read lately.
    """
    from omc.report import xlsx

    wanted = Wanted(**asked)
    source, code = gather(run, wanted)

    def write(path: Path) -> None:  # a bar is shown once the audit is done
        with run.output.progress("writing", source.about.names) as bar:
            xlsx.write(source, path, done=bar.step)

    write_file(run, wanted.path, write)
    return tell(run, wanted, source, code)
