"""Which hosts of the site belong together, and which of them a selection leaves out."""

from collections import Counter
from collections.abc import Mapping, Sequence

from omc.cli.context import Run
from omc.site.clusters import cluster_name


def clusters_of(run: Run) -> Mapping[str, str]:
    """Return the cluster of each host of the site."""
    return {host.name: cluster_name(host.groups, run.audit_settings.clusters) for host in run.site.hosts.values()}


def mates_of(run: Run, chosen: Sequence[str], most: int) -> list[str]:
    """Return the other hosts of the clusters of these: of as many clusters, small ones first, as have `most` in all."""
    clusters, own = clusters_of(run), frozenset(chosen)
    others: dict[str, list[str]] = {clusters[host]: [] for host in chosen}
    for host, cluster in clusters.items():
        if cluster in others and host not in own:
            others[cluster].append(host)
    found: list[str] = []
    for hosts in sorted(others.values(), key=len):
        if len(found) + len(hosts) > most:
            break
        found += hosts
    return found


def parts_of(run: Run, chosen: Sequence[str]) -> Mapping[str, str]:
    """Say of each cluster of which only some hosts are chosen how many: "1 of 2 hosts"."""
    clusters = clusters_of(run)
    sizes = Counter(clusters.values())
    here = Counter(clusters[host] for host in chosen)
    return {name: f"{count} of {sizes[name]} hosts" for name, count in here.items() if count < sizes[name]}
