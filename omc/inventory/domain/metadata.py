"""What tools and people wrote into `<metadata>`: read as data, every namespace named, the known ones understood.

Known are nova (1.0 and 1.1), libosinfo, terraform providers, and omc's own `urn:omc:guest:1`:

    <omc:guest xmlns:omc="urn:omc:guest:1">
      <omc:tag>prod</omc:tag><omc:attribute name="owner">web team</omc:attribute>
    </omc:guest>
"""

from omc.inventory.domain.facts import Facts
from omc.inventory.markup import Element
from omc.model import GuestMetadata, Nova

OMC = "urn:omc:guest:1"
LIBOSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0"
NOVA = frozenset({"http://openstack.org/xmlns/libvirt/nova/1.0", "http://openstack.org/xmlns/libvirt/nova/1.1"})


def read_metadata(element: Element) -> Facts:
    """Read `<metadata>`."""
    values: Facts = {}
    namespaces: list[str] = []
    for child in element:
        namespace, name = _split(child.tag)
        if namespace and namespace not in namespaces:
            namespaces.append(namespace)
        _understand(namespace, name, child, values)
    values["namespaces"] = tuple(namespaces)
    return {"metadata": GuestMetadata(**values)}


def _understand(namespace: str, name: str, child: Element, values: Facts) -> None:
    if namespace == LIBOSINFO and name == "libosinfo":
        system = child.find(f"{{{LIBOSINFO}}}os")
        values["os_id"] = None if system is None else system.get("id")
    elif namespace in NOVA and name == "instance":
        values["nova"] = _nova(child, namespace)
    elif "terraform" in namespace.lower():
        values["terraform"] = " ".join(" ".join(child.itertext()).split())
    elif namespace == OMC and name == "guest":
        _own(child, values)


def _own(element: Element, values: Facts) -> None:
    """Read omc's own tags and attributes; the later of two attributes of one name counts."""
    tags, attributes = [], {}
    for child in element:
        if child.tag == f"{{{OMC}}}tag" and child.text:
            tags.append(child.text.strip())
        elif child.tag == f"{{{OMC}}}attribute" and child.get("name"):
            attributes[child.get("name", "")] = (child.text or "").strip()
    values["tags"] = tuple(dict.fromkeys(tags))
    values["attributes"] = attributes


def _nova(element: Element, namespace: str) -> Nova:
    def child(*path: str) -> Element | None:
        return element.find("/".join(f"{{{namespace}}}{step}" for step in path))

    def text(*path: str) -> str | None:
        found = child(*path)
        return None if found is None else found.text

    def attribute(name: str, *path: str) -> str | None:
        found = child(*path)
        return None if found is None else found.get(name)

    return Nova(
        name=text("name"),
        flavor=attribute("name", "flavor"),
        user=text("owner", "user"),
        project=text("owner", "project"),
        project_uuid=attribute("uuid", "owner", "project"),
        image=attribute("uuid", "root"),
        created_at=text("creationTime"),
    )


def _split(tag: str) -> tuple[str, str]:
    if tag.startswith("{"):
        namespace, _, name = tag[1:].partition("}")
        return namespace, name
    return "", tag
