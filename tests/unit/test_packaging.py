"""What is shipped beside the code knows what the code knows."""

import re
from pathlib import Path

from omc.site.find import HOSTS_NAMES, SYSTEM_ROOT

ROOT = Path(__file__).parents[2]


def test_the_timer_collects_whatever_the_site_s_hosts_file_is_called() -> None:
    """The unit runs where /etc/omc has any of the files that omc takes for a site's hosts, and names no other."""
    unit = (ROOT / "packaging/systemd/omc-inventory.service").read_text()
    expected = [str(SYSTEM_ROOT / "inventory" / name) for name in HOSTS_NAMES]
    assert expected == re.findall(r"^ConditionPathExists=\|(.*)$", unit, re.M)
