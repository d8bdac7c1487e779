"""Templates for many hosts: omc's render, sandboxed and in a process of its own, beside Jinja2 alone in this one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from omc.site import Site, load_site
from omc.templates import catalogue, render
from tests.bench.bench import Bench
from tests.bench.figures import Budget, Figure, compared
from tests.bench.measure import BenchError, Sample

CASE = "render"
HOSTS = 1000
TEMPLATES = 10
BUDGET = Budget("Jinja2 alone", times=3)
_MANIFEST = """\
files: [{template: file.j2, path: /etc/omc-bench/NAME.conf, mode: "0644"}]
variables:
  servers: {type: list, items: {type: hostname}}
  options: {type: mapping}
  port: {type: port, default: 8000}
"""
_FILE = """\
# {{ inventory_hostname }} listens on {{ port }}
{% for server in servers %}
server {{ server }} iburst{% if loop.first %} prefer{% endif %}

{% endfor %}
{% for name, value in options.items() %}
{{ name }} = {{ value | default('none') }}
{% endfor %}
{% for number in range(30) %}
listen {{ address }}:{{ port + number }} name={{ inventory_hostname }}-{{ number }} groups={{ group_names | join(',') }}
{% endfor %}
{% if 'kvm' in group_names %}
role = {{ role | upper }}
{% endif %}
"""


def measure(bench: Bench) -> Iterator[Figure]:
    """Render the same files by both ways, in turns, and hold them to each other."""
    root = _write(bench.folder / "render")
    site = load_site(root)
    pairs = [(_timed(lambda: _ours(site)), _timed(lambda: _theirs(site, root))) for _ in range(bench.rounds)]
    if _ours(site) != _theirs(site, root):
        raise BenchError("the two sides of the render do not give the same files")
    yield compared(CASE, f"{HOSTS} hosts x {TEMPLATES} templates", pairs, BUDGET)


def _write(root: Path) -> Path:
    (root / "inventory").mkdir(parents=True, exist_ok=True)
    hosts = "".join(f"        kvm{n:04}: {{address: 10.0.{n // 256}.{n % 256}}}\n" for n in range(HOSTS))
    common = (
        "      vars:\n        libvirt_uri: test:///default\n        role: hypervisor\n"
        "        servers: [ntp1.example.net, ntp2.example.net, ntp3.example.net]\n"
        "        options: {makestep: 1.0 3, driftfile: /var/lib/chrony/drift, rtcsync: 'yes', leapsectz: right/UTC}\n"
    )
    (root / "inventory" / "hosts.yaml").write_text(f"all:\n  children:\n    kvm:\n      hosts:\n{hosts}{common}")
    for number in range(TEMPLATES):
        folder = root / "templates" / f"bench{number}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.yaml").write_text(_MANIFEST.replace("NAME", folder.name))
        (folder / "file.j2").write_text(_FILE)
    return root


def _ours(site: Site) -> list[bytes]:
    templates = catalogue.load(site.root, [f"bench{number}" for number in range(TEMPLATES)]).choose()
    results = render.render(templates, list(site.hosts.values()), render.World(site=site))
    return [file.content for result in results for file in result.get().files]


def _theirs(site: Site, root: Path) -> list[bytes]:
    environment = Environment(
        loader=FileSystemLoader(root / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    templates = [environment.get_template(f"bench{number}/file.j2") for number in range(TEMPLATES)]
    made = []
    for host in site.hosts.values():
        names: dict[str, Any] = {**host.variables, "port": 8000}
        names.update(inventory_hostname=host.name, group_names=list(host.groups))
        made += [template.render(names).encode() for template in templates]
    return made


def _timed(work: Callable[[], object]) -> Sample:
    seconds, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample(time.perf_counter() - seconds, time.process_time() - cpu, 0)
