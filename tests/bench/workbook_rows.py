"""Keeps the cells of omc's workbook in a file, for a peer that writes them and knows nothing of omc.

`python -m tests.bench.workbook_rows SITE FILE`, with the store of XDG_STATE_HOME. The file is a run of MessagePack
values, each behind its length in 4 bytes: the tabs first (name, header, number formats), then pairs of a tab's number
and rows of it, in the order in which the workbook has them.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from omc.cli.context import Run
from omc.cli.report.gathering import Wanted, gather
from omc.report.source import Source
from omc.report.tab import HostScene, Row
from omc.report.tabs import TABS
from omc.report.xlsx.sheet import NUMBERS, as_text, serial
from omc.site.clusters import cluster_name


def main(site: str, path: str, *patterns: str) -> None:
    """Write the file."""
    run = Run(os.environ)
    run.set_option("site", site)
    source, _ = gather(run, Wanted(Path("-"), patterns))
    with Path(path).open("wb") as file:
        _put(
            file,
            [
                (tab.name, *zip(*((one.name, NUMBERS.get(one.kind)) for one in tab.columns), strict=True))
                for tab in TABS
            ],
        )
        for number, rows in _rows(source):
            _put(file, (number, [list(map(_plain, row)) for row in rows]))
    run.close()


def _rows(source: Source) -> Iterator[tuple[int, Sequence[Row]]]:
    begun = [tab.begin(source) for tab in TABS]
    for host in source.hosts():
        scene = HostScene(host, source.about.site, cluster_name(host.groups, source.clusters))
        yield from ((number, list(rows.of(scene))) for number, rows in enumerate(begun))
    yield from ((number, list(rows.rest())) for number, rows in enumerate(begun))


def _plain(cell: object) -> object:
    """Return a cell as the peer may write it without another look."""
    if isinstance(cell, str):
        return as_text(cell)
    return serial(cell) if isinstance(cell, datetime) else cell


def _put(file: BinaryIO, value: object) -> None:
    data = msgspec.msgpack.encode(value)
    file.write(len(data).to_bytes(4, "big") + data)


if __name__ == "__main__":
    main(*sys.argv[1:])
