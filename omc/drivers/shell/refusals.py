"""What sudo and login shells say when they do not run a script, as errors that say what to do."""

from omc.drivers.shell.request import Login
from omc.errors import HostError
from omc.text import cut, safe

_SHOWN = 200
_REFUSED = (
    "is not in the sudoers file",
    "is not allowed to",
    "may not run sudo",
    "not allowed to run sudo",
    "I'm afraid I can't do that",
    "account validation failure",
    "account is locked",
)
# What sudo (and sudo-rs) says → code, message, hint; the first that fits counts. {user} is whom scripts should run as.
_WORDS = (
    (
        ("you must have a tty", "a terminal is required to run sudo"),
        "sudo-tty",
        "sudo there wants a terminal",
        "remove requiretty from sudoers there, or: Defaults:LOGIN !requiretty",
    ),
    (
        ("a password is required", "interactive authentication is required", "a terminal is required to authenticate"),
        "sudo-password",
        "sudo asks for a password",
        "set ansible_become_password, or allow it without: LOGIN ALL=({user}) NOPASSWD: ALL",
    ),
    (
        (
            "Sorry, try again",
            "incorrect password attempt",
            "Authentication fail",
            "Incorrect password",
            "no password was",
        ),
        "sudo-password",
        "sudo refuses the password",
        "mend ansible_become_password",
    ),
    (
        _REFUSED,
        "sudo-refused",
        "sudo does not let this user run commands as {user}",
        "add to sudoers: LOGIN ALL=({user}) ALL",
    ),
    (("unknown user", "no passwd entry"), "sudo", "there is no user {user}", "mend ansible_become_user"),
    (
        ("sudo: not found", "sudo: command not found", "sudo: No such file", "Unknown command"),
        "sudo-missing",
        "there is no sudo",
        "install sudo there, or log in as root: ansible_user: root and ansible_become: false",
    ),
    (("sudo:",), "sudo", "sudo failed", "try it there by hand: sudo -n true"),
)


def sudo_refusal(login: Login, said: str) -> HostError | None:
    """Return the error that sudo's words mean; None where they are none of sudo's."""
    for words, code, message, hint in _WORDS:
        if any(word in said for word in words):
            user = login.user or "root"
            text = f"{message.format(user=user)}: {_line_with(said, words)}"
            return HostError(text, code=code, where=login.host, hint=hint.format(user=user))
    return None


def no_answer(login: Login, said: str) -> HostError:
    """Return the error for a login that ended without running anything."""
    text = f": {cut(safe(said.splitlines()[-1].strip()), _SHOWN)}" if said else ""
    hint = "does the account have a shell there, and no forced command?"
    return HostError(f"no shell answers{text}", code="no-shell", where=login.host, hint=hint)


def _line_with(said: str, words: tuple[str, ...]) -> str:
    lines = said.splitlines()
    line = next((line for line in lines if any(word in line for word in words)), lines[-1])
    return cut(safe(line.strip()), _SHOWN)
