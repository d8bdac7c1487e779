"""Whole guests in the order of a list: the store gives documents host by host, a list may filter and sort."""

from collections.abc import Iterable, Iterator

import msgspec

from omc.cli.context import Run


class _Key(msgspec.Struct):
    """As much of a guest's document as tells which it is."""

    host: str
    uuid: str


def guest_documents(run: Run, keys: Iterable[tuple[object, ...]], *, at: str | None) -> Iterator[bytes]:
    """Give the documents of the guests with these keys (host, UUID), in this order, whatever the order costs.

    While the keys come in the order of the store's documents, nothing is held; a document that is asked for later
    waits until then. A guest that another collect has removed since the keys were read is left out.
    """
    wanted = [(str(host), str(uuid)) for host, uuid in keys]
    open_keys = set(wanted)
    hosts = dict.fromkeys(host for host, _ in wanted)
    decode = msgspec.json.Decoder(_Key).decode
    waiting: dict[tuple[str, str], bytes] = {}
    position = 0
    for document in run.store.guest_documents(hosts, at=at):
        key = decode(document)
        if (key.host, key.uuid) in open_keys:
            waiting[key.host, key.uuid] = document
        while position < len(wanted) and wanted[position] in waiting:
            yield waiting.pop(wanted[position])
            position += 1
    yield from (waiting[key] for key in wanted[position:] if key in waiting)
