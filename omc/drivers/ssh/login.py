"""Proves to a host who the user is, with one key after the other."""

import threading

from paramiko import AuthenticationException, SSHException

from omc.drivers.ssh.candidates import Candidates
from omc.drivers.ssh.faults import login_fault, refuses_keys, session_fault
from omc.drivers.ssh.identities import Identities, Identity
from omc.drivers.ssh.session import Session
from omc.drivers.ssh.settings import Settings
from omc.errors import HostError


def log_in(session: Session, settings: Settings, identities: Identities) -> None:
    """Log in; HostError that names the keys where the host takes none."""
    tried: list[str] = []
    candidates = Candidates(settings, identities)
    unusable = candidates.unusable
    for identity in candidates:
        try:
            if _attempt(session, settings, identity, unusable):
                return
        except (EOFError, OSError) as error:
            raise session_fault(error, settings, greeted=True) from error
        tried.append(identity.shown)
        if not session.is_active():
            raise login_fault(settings, tried, unusable, cut=True)
    raise login_fault(settings, tried, unusable, cut=False)


def _attempt(session: Session, settings: Settings, identity: Identity, unusable: list[str]) -> bool:
    """Offer one key; return whether it was enough."""
    done = threading.Event()
    try:
        session.auth_publickey(settings.user, identity.key, done)
        done.wait()
    except SSHException as error:
        return _refused(error, settings, identity, unusable)
    if session.is_authenticated():
        return True
    fault = session.get_exception()
    return _refused(fault, settings, identity, unusable) if fault is not None else False


def _refused(error: Exception, settings: Settings, identity: Identity, unusable: list[str]) -> bool:
    if ways := refuses_keys(error):
        message = f"{settings.place} takes no keys, only {ways}"
        hint = "omc logs in with keys only: allow PubkeyAuthentication there"
        raise HostError(message, code="authentication", where=settings.name, hint=hint) from error
    if not isinstance(error, AuthenticationException | EOFError):
        unusable.append(f"{identity.shown} ({error})")
    return False
