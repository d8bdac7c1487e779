"""A site with templates, written for a test, and rendered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from omc.fleet import Result
from omc.site import Site, SiteHost, load_site
from omc.templates import catalogue, render
from omc.templates.desired import Desired

HOSTS = "all:\n  hosts:\n    kvm01: {libvirt_uri: 'test:///default'}\n    kvm02: {libvirt_uri: 'test:///default'}\n"
MANIFEST = "files: [{template: file.j2, path: /etc/file}]\n"


def write(folder: Path, templates: Mapping[str, str | Mapping[str, str]], hosts: str = HOSTS) -> Path:
    """Write a site; a template that is a text alone is the file of the plainest manifest."""
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    (folder / "inventory" / "hosts.yaml").write_text(hosts)
    for name, content in templates.items():
        files = {"manifest.yaml": MANIFEST, "file.j2": content} if isinstance(content, str) else content
        for file, text in files.items():
            path = folder / "templates" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def world(root: Path, **more: object) -> render.World:
    """Load a site for its templates."""
    return render.World(site=load_site(root), **more)  # type: ignore[arg-type]


def results(
    known: render.World,
    names: Sequence[str] = (),
    limits: render.Limits = render.Limits(),  # noqa: B008 - frozen
    hosts: Sequence[str] = (),
) -> list[Result[SiteHost, Desired]]:
    """Render templates, by default all of the site's own, for hosts, by default all."""
    site: Site = known.site
    chosen = [site.hosts[name] for name in hosts or site.hosts]
    templates = catalogue.load(site.root).choose(names)
    return list(render.render(templates, chosen, known, limits))


def one(known: render.World, names: Sequence[str] = (), host: str = "kvm01") -> Desired:
    """Render for one host, and raise what is wrong."""
    (result,) = results(known, names, hosts=[host])
    return result.get()


def text(desired: Desired, path: str = "/etc/file") -> str:
    """Return a file's content."""
    return next(file.content.decode() for file in desired.files if file.path == path)


def refusal(root: Path, host: str = "kvm01", **more: object) -> render.RenderError:
    """Render for one host what cannot be rendered, and return why."""
    (result,) = results(world(root, **more), hosts=[host])
    assert isinstance(result.error, render.RenderError), result
    return result.error
