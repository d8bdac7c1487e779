"""What most likely is meant by a name that is not there: another one, or what omc has for a word of Ansible's."""

import re
from difflib import get_close_matches

from jinja2.exceptions import TemplateAssertionError, UndefinedError
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.tests import TESTS as DEFAULT_TESTS

from omc.site.mistakes import near
from omc.templates.filters.registry import FILTERS, TESTS
from omc.templates.render.missing import NoAttribute
from omc.templates.render.scope import BUILT_IN, Scope

_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_NO_FILTER = re.compile(r"No (filter|test) named '([^']*)'")
_SET_IT = "set it in group_vars/ or host_vars/, or give it a default"
_LOOKUPS = "omc has no lookups; secret('PROVIDER:NAME') reads files, the environment and commands"
_FACTS = "Ansible's facts are not here; omc's are host and guests"
_ANSIBLE = {
    **dict.fromkeys(("lookup", "query", "q"), _LOOKUPS),
    "ansible_facts": _FACTS,
    "vars": "hostvars[inventory_hostname] has the variables",
    **dict.fromkeys(("play_hosts", "ansible_play_hosts", "ansible_play_batch"), "hosts has all of the site"),
}
_PREFIX = "ansible_"
_CLOSE = 0.7


def undefined_name(error: BaseException) -> str:
    """Return the variable that is not there; "" where it is something else that is wrong."""
    match = _UNDEFINED.match(str(error)) if isinstance(error, UndefinedError) else None
    return match[1] if match else ""


def hint_for(error: BaseException, scope: Scope) -> str:
    """Return what is most likely meant; "" where nothing is."""
    if isinstance(error, NoAttribute):
        return near(error.name, error.known)
    if name := undefined_name(error):
        return _ANSIBLE.get(name) or _near(name, (*scope.names(), *BUILT_IN)) or _SET_IT
    if isinstance(error, TemplateAssertionError) and (match := _NO_FILTER.match(str(error))):
        known = FILTERS if match[1] == "filter" else TESTS
        return near(match[2], (*known, *(DEFAULT_FILTERS if match[1] == "filter" else DEFAULT_TESTS)))
    return ""


def _near(name: str, known: tuple[str, ...]) -> str:
    """As `near`; what Ansible's names have in common at their beginning makes none of them alike."""
    if not name.startswith(_PREFIX):
        return near(name, known)
    rests = [one.removeprefix(_PREFIX) for one in known if one.startswith(_PREFIX)]
    found = get_close_matches(name.removeprefix(_PREFIX), rests, n=1, cutoff=_CLOSE)
    return f"meant {_PREFIX}{found[0]}?" if found else _FACTS
