"""Which hosts belong together: guests move between the hosts of a cluster, and one stands in for another."""

from collections.abc import Collection, Sequence


def cluster_name(groups: Sequence[str], named: Collection[str] = ()) -> str:
    """Return the cluster of a host in these groups: the first of `named` that it is in, else all its groups together.

    `named` are the groups that the site calls clusters (`clusters:` in inventory/audit.yaml).
    """
    for group in named:
        if group in groups or group == "all":
            return group
    return "+".join(groups) or "all"
