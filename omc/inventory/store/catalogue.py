"""Every view of the store, by name: `VIEWS["guests"]`."""

from collections.abc import Mapping

from omc.inventory.store import views_guests, views_history, views_hosts
from omc.inventory.store.views import View

VIEWS: Mapping[str, View] = {
    view.name: view
    for view in (
        views_hosts.HOSTS,
        views_guests.GUESTS,
        views_guests.DISKS,
        views_guests.NICS,
        views_guests.ADDRESSES,
        views_guests.SNAPSHOTS,
        views_hosts.POOLS,
        views_hosts.VOLUMES,
        views_hosts.NETWORKS,
        views_hosts.LEASES,
        views_hosts.ISSUES,
        views_history.RUNS,
        views_history.MEASUREMENTS,
        views_history.HISTORY,
    )
}


def reference() -> str:
    """Return the reference page of all views as Markdown, for the documentation's generated pages."""
    head = (
        "# SQL views\n\n"
        "What `omc inventory sql`, `--where`, `--sort` and `--columns` see: the same views, columns and types on "
        'SQLite and PostgreSQL. Times are RFC 3339 UTC text, sizes are bytes, and null means "not read", never zero. '
        "With `--at TIME` the same views show what the store knew at that time; what it does not keep over time "
        "(volumes, issues, memory in use) is empty or null then.\n"
    )
    return head + "".join(_section(view) for view in VIEWS.values())


def _section(view: View) -> str:
    rows = "".join(f"| `{name}` | {kind} | {meaning} |\n" for name, kind, _, meaning in view.columns)
    return f"\n## {view.name}\n\n{view.meaning}\n\n| column | type | meaning |\n|---|---|---|\n{rows}"
