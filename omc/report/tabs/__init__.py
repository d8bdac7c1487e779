"""The tabs of a workbook, one file each; a new one is a file here with a `TAB`, and its name in TABS.

The order is RVTools' own; those that it does not have follow.
"""

from collections.abc import Sequence

from omc.report.tab import Tab
from omc.report.tabs import host, info, issues, metadata

TABS: Sequence[Tab] = (
    info.TAB,
    host.TAB,
    metadata.TAB,
    issues.TAB,
)
