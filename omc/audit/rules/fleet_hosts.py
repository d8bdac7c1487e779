"""Rules on hosts of the whole site: how old what is known of them is, and which of them have nothing to do."""

from omc.audit.abreast import machines
from omc.audit.guests import age_days
from omc.audit.rule import Found, Missing, Seen, Verdicts, fleet_rule, host_rule
from omc.model import Host
from omc.text import human_age


@fleet_rule(
    "F08",
    severity="info",
    title="Host has nothing to do",
    reason="It takes power, and its memory is what others of its cluster may be short of; as a spare for a failure it "
    "is right (F04).",
    source="cv4pve-diag IN0003",
    fix="move guests to {host}, or switch it off",
    reads=("Host.guests", "Guest.state", "cluster"),
    limits={"guests": 0},
)
def idle(seen: Seen) -> Verdicts:
    """Found where a host of a cluster runs no more guests than the limit, and others of it run some."""
    kept = {host.name for host in machines(seen.fleet)}
    for cluster in seen.fleet.clusters:
        running = {host.name: sum(guest.active for guest in host.guests) for host in cluster.hosts if host.name in kept}
        for host in cluster.hosts:
            others = sum(number for name, number in running.items() if name != host.name)
            if not host.read and len(cluster.hosts) > 1:
                yield Missing(why="the host was never read", host=host.name, subject="host")
            elif others and running.get(host.name, others) <= seen.limits["guests"]:
                message = f"{running[host.name]} guests run here, {others} on the other hosts of {cluster.name}"
                yield Found(message=message, host=host.name, subject="host")


@host_rule(
    "F09",
    severity="warning",
    title="What is known of a host is old",
    reason="All that the audit says of it is of that time: what was mended since still shows, what broke does not.",
    source="OpenNebula, monitoring: beacon and full resync; omc inventory, Host.collected_at",
    fix="omc inventory {host} --max-age 0; from a timer: docs/how-to/collect-regularly.md",
    reads=("Host.collected_at",),
    limits={"hours": 24},
)
def stale(host: Host, seen: Seen) -> Verdicts:
    """Found where a host was read longer ago than the limit; one that was never read is not checked."""
    days = age_days(host.collected_at, seen.now)
    if days is None:
        yield Missing(why="when it was read is not known")
    elif days * 24 > seen.limits["hours"]:
        why = f": {host.status_reason}" if host.status_reason else ""
        yield Found(message=f"it was read {human_age(days * 86_400)} ago{why}")
