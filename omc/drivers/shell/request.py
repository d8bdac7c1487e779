"""What is sent to a host: the command line for its login shell, and the bytes for that command's standard input."""

import re
import secrets
from collections.abc import Sequence

import msgspec

from omc.errors import HostError
from omc.ports import Endpoint, Hidden

# Each reads the line that frames the script (_FRAME) from its input. Within single quotes no shell sees
# anything special here: no "!" (csh), no backslash (fish), no newline (csh).
PLAIN = """exec sh -c 'read -r p;eval "$p"'"""
SUDO = """exec sh -c 'read -r u;read -r p;LC_ALL=C exec sudo -n -H -u "$u" -- sh -c "$p"'"""
SUDO_ASKING = """exec sh -c 'read -r u;read -r p;LC_ALL=C exec sudo -S -k -p "" -H -u "$u" -- sh -c "$p"'"""

# It says that it is there, drops what is on its input before the line with the mark (a password that sudo did not ask
# for), and frames the script's answer by the mark. The script is read by dd: head, in busybox, reads on into the data
# that follow it. The point keeps newlines at the end of the script, and the count shows a script that is cut short.
# The script's own exit, traps and options end with its subshell. The mark is in no argument: what a script prints of
# the process list must not look like the frame.
READY = "omc: ready"
_MARK = "omc:mark:"
_FRAME = (
    f'LC_ALL=C;export LC_ALL;echo "{READY}";'
    f"while read -r m n;do case $m in {_MARK}*)break;;esac;done;"
    'echo "$m(";echo "$m(">&2;'
    's=$(dd bs="$n" count=1 iflag=fullblock status=none;echo .);'
    'if [ "${#s}" -eq "$((n+1))" ];then (eval "${s%.}");r=$?;else r=cut;fi;'
    'echo "$m)$r";echo "$m)">&2'
)
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,255}\$?|#[0-9]{1,10}")
# One line, which is not taken for the mark.
_PASSWORD = re.compile(rf"(?!{_MARK})[^\n\r\0]+")


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """As whom scripts run; `user` None is whoever logged in, without sudo."""

    host: str
    user: str | None = None
    password: Hidden | None = None

    @property
    def command(self) -> str:
        """The command line for the login shell."""
        if self.user is None:
            return PLAIN
        return SUDO if self.password is None else SUDO_ASKING


def login_of(endpoint: Endpoint) -> Login:
    """Return as whom an endpoint's scripts run; raise HostError where sudo could not be told so."""
    if not endpoint.become:
        return Login(host=endpoint.host)
    if not _USER.fullmatch(endpoint.become_user):
        hint = "mend ansible_become_user"
        raise HostError(
            f"no user can have the name {endpoint.become_user!r}", code="sudo", where=endpoint.host, hint=hint
        )
    password = endpoint.become_password
    if password is not None and not _PASSWORD.fullmatch(password.reveal()):
        hint = "mend ansible_become_password"
        raise HostError("the password for sudo cannot be one", code="sudo", where=endpoint.host, hint=hint)
    return Login(host=endpoint.host, user=endpoint.become_user, password=password)


class Request:
    """One script for one host. `mark` is random, so nothing that a host prints by itself looks like it."""

    def __init__(self, login: Login, script: str, data: Sequence[bytes]) -> None:
        if "\0" in script or not script:
            raise ValueError("a script has something in it, and no NUL")
        self.login = login
        self.mark = f"{_MARK}{secrets.token_hex(8)}"
        self._script = script.encode()
        self._data = data

    def opening(self) -> bytes:
        """What must be read before the shell is there; with a password, nothing else may be sent until it is."""
        lines = [] if self.login.user is None else [self.login.user]
        lines.append(_FRAME)
        if self.login.password is not None:
            lines.append(self.login.password.reveal())
        return "".join(f"{line}\n" for line in lines).encode()

    def body(self) -> list[bytes]:
        """The script and its data."""
        return [f"{self.mark} {len(self._script)}\n".encode() + self._script, *self._data]
