"""What every shipped template makes for a host that says little and for one that says much; see `make golden`."""

from collections.abc import Callable, Iterator

import pytest

from omc.templates.desired import Desired
from tests import shipped


def shown(desired: Desired) -> Iterator[str]:
    """Yield what a host should have, as a person reads it."""
    for file in desired.files:
        yield f"=== {desired.host}: {file.path}  {file.owner}:{file.group} {file.mode:04o}\n"
        if file.validate:
            yield f"=== validated by: {list(file.validate)}\n"
        yield file.content.decode()
    for made in desired.objects:
        yield f"=== {desired.host}: libvirt:{made.kind}/{made.name}\n{made.xml}"
    for check in desired.checks:
        yield f"=== {desired.host}: checked together by: {list(check.command)}, beside {list(check.beside)}\n"
    for handler in desired.handlers:
        yield f"=== {desired.host}: then: {list(handler.command)}\n"


@pytest.mark.parametrize("name", shipped.NAMES)
def test_shipped_template(name: str, golden: Callable[[str, str], None]) -> None:
    """Contents, attributes, checks and handlers are those that were read and found good."""
    golden(f"templates/{name}.txt", "".join(line for host in shipped.HOSTS for line in shown(shipped.of(name, host))))
