"""What every driver of `omc.ports.Shell` shares: how a script gets into a shell, and its answer out of it again.

The command that a login shell is given is short, constant and quoted so that sh, bash, dash, csh and fish read it
alike. Everything else comes on standard input: one line of shell that frames the answer by a random mark, the script
by its length, and the rest as the script's own input. Nothing here knows how the bytes travel.
"""

from omc.drivers.shell.exchange import Exchange, Pipes
from omc.drivers.shell.request import Login, Request

__all__ = ["Exchange", "Login", "Pipes", "Request"]
