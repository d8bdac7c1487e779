"""Runs Ansible's own filters over cases on standard input, and prints what each gives: the oracle of ours."""

import json
import sys
from collections.abc import Iterable

from ansible.plugins.filter.core import FilterModule as Core
from ansible.plugins.filter.mathstuff import FilterModule as Mathstuff
from ansible.plugins.filter.urls import FilterModule as Urls
from jinja2 import Environment

FILTERS = {**Core().filters(), **Mathstuff().filters(), **Urls().filters()}
ENVIRONMENT = Environment()


def outcome(name: str, arguments: list[object], named: dict[str, object]) -> dict[str, object]:
    function = FILTERS[name]
    first = [ENVIRONMENT] if getattr(function, "jinja_pass_arg", None) else []
    try:
        value = function(*first, *arguments, **named)
        if isinstance(value, Iterable) and not isinstance(value, str | dict):
            value = list(value)
        return {"value": json.loads(json.dumps(value))}
    except Exception as error:
        return {"error": type(error).__name__}


json.dump([outcome(*case) for case in json.load(sys.stdin)], sys.stdout)
