"""All hosts at a glance: what is wrong, what is busy, what will soon be full."""

from omc.exporters.dashboards.panels import Dashboard, Panel, Query, Row, number, over_time, table

_BLOCK_BYTES = "rate(libvirt_domain_block_stats_{}_bytes_total[$__rate_interval])"
_NET_BYTES = "rate(libvirt_domain_interface_stats_{}_bytes_total[$__rate_interval])"


_GONE = 'up{job=~"omc.*", job!="omc-exporter"} == 0'
"""Hosts of which Prometheus gets no page at all: with an exporter on each host, one that is off looks like this."""


def _busiest(title: str, unit: str, expression: str, legend: str = "{{instance}} {{domain}}") -> Panel:
    """Return the ten highest as bars."""
    asked = (Query(f"topk(10, {expression})", legend),)
    return Panel(title, asked, unit=unit, kind="bargauge", width=8, height=9)


_STATE = Row(
    "State",
    (
        number("Hosts that answer", "sum(libvirt_up)"),
        number("Hosts that do not", f"count(libvirt_up == 0 or {_GONE}) or vector(0)", critical=1),
        number("Guests that run", 'sum(libvirt_domains_by_state{state="running"})'),
        number(
            "Guests in trouble",
            '(sum(libvirt_domains_by_state{state=~"crashed|paused"}) or vector(0))'
            " + (sum(libvirt_domain_timed_out) or vector(0))",
            critical=1,
            help="Crashed, paused, or without an answer of their hypervisor.",
        ),
        number(
            "Virtual CPUs on each CPU",
            "sum(libvirt_node_vcpus_allocated) / sum(libvirt_node_cpus)",
            warning=4,
            critical=8,
        ),
        number(
            "Memory promised",
            "sum(libvirt_node_memory_allocated_bytes) / sum(libvirt_node_memory_bytes)",
            "percentunit",
            warning=0.9,
            critical=1,
        ),
        over_time(
            "Guests by state",
            "short",
            ("sum by (state) (libvirt_domains_by_state) > 0", "{{state}}"),
            stacked=True,
        ),
        over_time(
            "CPU that guests use, of the host's",
            "percentunit",
            ("host:libvirt_cpu_usage:ratio_rate5m", "{{instance}}"),
        ),
        table(
            "Alerts",
            ('ALERTS{alertname=~"Libvirt.*", alertstate="firing"} or on () vector(0)', ""),
            height=7,
            help="What fires now, by the rules that come with omc; one empty row: nothing.",
        ),
    ),
)

_HOSTS = Row(
    "Hosts",
    (
        table(
            "Hosts",
            (f"max by (instance) (libvirt_up or {_GONE})", "answers"),
            ("max by (instance) (libvirt_domains)", "guests"),
            ("max by (instance) (libvirt_node_cpus)", "CPUs"),
            ("max by (instance) (host:libvirt_cpu_usage:ratio_rate5m)", "CPU used by guests", "percentunit"),
            ("max by (instance) (host:libvirt_vcpu_overcommit:ratio)", "virtual CPUs on each CPU"),
            ("max by (instance) (host:libvirt_memory_overcommit:ratio)", "memory promised", "percentunit"),
            ("max by (instance) (libvirt_scrape_duration_seconds)", "time of a scrape", "s"),
            unit="none",
        ),
        table("Why hosts do not answer", ("libvirt_down_info", ""), height=5),
        table("Versions", ("libvirt_versions_info", ""), width=12),
        table("Hardware", ("libvirt_node_info", ""), width=12),
    ),
)

_BUSIEST = Row(
    "The busiest guests",
    (
        _busiest("CPU", "percentunit", "guest:libvirt_cpu_usage:ratio_rate5m"),
        _busiest("Steal", "percentunit", "guest:libvirt_cpu_steal:ratio_rate5m"),
        _busiest("Memory in use", "percentunit", "guest:libvirt_memory_used:ratio"),
        _busiest(
            "Disk traffic",
            "Bps",
            f"sum by (instance, domain) ({_BLOCK_BYTES.format('read')} + {_BLOCK_BYTES.format('write')})",
        ),
        _busiest(
            "Disk latency (write)",
            "s",
            "disk:libvirt_write_latency_seconds:rate5m",
            "{{instance}} {{domain}} {{target_device}}",
        ),
        _busiest(
            "Network traffic",
            "Bps",
            f"sum by (instance, domain) ({_NET_BYTES.format('receive')} + {_NET_BYTES.format('transmit')})",
        ),
    ),
)

_FULL = Row(
    "What fills up",
    (
        _busiest("Storage pools", "percentunit", "pool:libvirt_storage_used:ratio", "{{instance}} {{storage_pool}}"),
        _busiest(
            "DHCP addresses", "percentunit", "network:libvirt_dhcp_used:ratio", "{{instance}} {{network}} {{family}}"
        ),
        _busiest("Oldest snapshots", "s", "time() - libvirt_domain_snapshot_oldest_timestamp_seconds"),
    ),
)

DASHBOARD = Dashboard(
    "fleet",
    "omc: fleet",
    "All KVM hosts: which do not answer, what is busy, what fills up.",
    (_STATE, _HOSTS, _BUSIEST, _FULL),
)
