"""omc, ended by kill -9 before one of its steps on a host: a script, a call of libvirt's that changes something.

`python -m tests.lab.killing NUMBER ARGUMENT...`; with a number beyond the last step it runs to its end, and says how
many steps there were, last of all.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import libvirt

from omc.cli.main import main
from omc.drivers.ssh import shell

_STEPS = (
    (libvirt.virConnect, ("networkDefineXMLFlags", "storagePoolDefineXML", "secretDefineXML")),
    (libvirt.virNetwork, ("destroy", "create", "update", "undefine")),
    (libvirt.virStoragePool, ("destroy", "create", "undefine")),
    (libvirt.virDomain, ("updateDeviceFlags",)),
    (shell.SshShell, ("run",)),
)


def _counted(function: Callable[..., Any], numbers: "itertools.count[int]", last: int) -> Callable[..., Any]:
    def step(self: Any, *arguments: Any, **named: Any) -> Any:
        is_probe = any(isinstance(one, str) and one.startswith("<omc") for one in arguments)
        if not is_probe and next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(self, *arguments, **named)

    return step


if __name__ == "__main__":
    counter = itertools.count(1)
    for owner, names in _STEPS:
        for name in names:
            setattr(owner, name, _counted(getattr(owner, name), counter, int(sys.argv[1])))
    code = main(sys.argv[2:])
    print(next(counter) - 1, file=sys.stderr)
    sys.exit(code)
