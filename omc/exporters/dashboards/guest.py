"""One guest: whether it runs, what it uses, what it waits for, and what it is."""

from omc.exporters.dashboards.panels import Dashboard, Panel, Query, Row, Variable, number, over_time, table

_GUEST = '{instance=~"$host", domain="$guest"}'


def _rate(metric: str) -> str:
    return f"rate({metric}{_GUEST}[$__rate_interval])"


_STATE = Row(
    "State",
    (
        Panel(
            "State",
            (Query(f"libvirt_domain_state{_GUEST} == 1", "{{instance}} {{state}}"),),
            kind="state-timeline",
            height=4,
        ),
        number("Virtual CPUs", f"max(libvirt_domain_info_virtual_cpus{_GUEST})"),
        number("Memory", f"max(libvirt_domain_info_memory_usage_bytes{_GUEST})", "bytes"),
        number(
            "Changes pending",
            f"max(libvirt_domain_config_pending{_GUEST})",
            warning=1,
            help="1: its definition was changed, and its next start differs.",
        ),
    ),
)

_CPU = Row(
    "CPU",
    (
        over_time(
            "CPU, of its virtual CPUs",
            "percentunit",
            (f"guest:libvirt_cpu_usage:ratio_rate5m{_GUEST}", "used"),
            (f"guest:libvirt_cpu_steal:ratio_rate5m{_GUEST}", "steal"),
            (f"guest:libvirt_cpu_wait:ratio_rate5m{_GUEST}", "wait"),
            help="Steal and wait: ready, and without a CPU of the host. Few kernels keep statistics of the wait.",
        ),
        over_time(
            "By virtual CPU",
            "percentunit",
            (_rate("libvirt_domain_vcpu_time_seconds_total"), "{{vcpu}}"),
            (_rate("libvirt_domain_vcpu_delay_seconds_total"), "{{vcpu}} steal"),
        ),
    ),
)

_MEMORY = Row(
    "Memory",
    (
        over_time(
            "Memory",
            "bytes",
            (f"libvirt_domain_info_maximum_memory_bytes{_GUEST}", "may have"),
            (f"libvirt_domain_memory_stats_actual_balloon_bytes{_GUEST}", "has"),
            (f"libvirt_domain_memory_stats_usable_bytes{_GUEST}", "usable"),
            (f"libvirt_domain_memory_stats_disk_caches_bytes{_GUEST}", "caches"),
            (f"libvirt_domain_memory_stats_rss_bytes{_GUEST}", "held on the host"),
        ),
        over_time(
            "Signs of pressure",
            "short",
            (f"guest:libvirt_memory_major_faults:rate5m{_GUEST}", "major faults a second"),
            (f"guest:libvirt_memory_swap_bytes:rate5m{_GUEST} / 4096", "pages swapped a second"),
        ),
    ),
)

_DISKS = Row(
    "Disks",
    (
        over_time(
            "Traffic",
            "Bps",
            (_rate("libvirt_domain_block_stats_read_bytes_total"), "{{target_device}} read"),
            (_rate("libvirt_domain_block_stats_write_bytes_total"), "{{target_device}} write"),
        ),
        over_time(
            "Requests",
            "iops",
            (_rate("libvirt_domain_block_stats_read_requests_total"), "{{target_device}} read"),
            (_rate("libvirt_domain_block_stats_write_requests_total"), "{{target_device}} write"),
            (_rate("libvirt_domain_block_stats_flush_requests_total"), "{{target_device}} flush"),
        ),
        over_time(
            "Time of a request",
            "s",
            (f"disk:libvirt_read_latency_seconds:rate5m{_GUEST}", "{{target_device}} read"),
            (f"disk:libvirt_write_latency_seconds:rate5m{_GUEST}", "{{target_device}} write"),
            (f"disk:libvirt_flush_latency_seconds:rate5m{_GUEST}", "{{target_device}} flush"),
        ),
        over_time(
            "Size",
            "bytes",
            (f"libvirt_domain_block_stats_capacity_bytes{_GUEST}", "{{target_device}} capacity"),
            (f"libvirt_domain_block_stats_allocation_bytes{_GUEST}", "{{target_device}} allocated"),
        ),
        over_time(
            "File systems, as the guest says",
            "percentunit",
            (f"filesystem:libvirt_guest_used:ratio{_GUEST}", "{{mountpoint}}"),
            maximum=1,
            help="With the collector `agent`.",
        ),
        over_time(
            "Disks that failed",
            "short",
            (f"libvirt_domain_block_error{_GUEST}", "{{target_device}}"),
            help="1: an error, 2: no space. With the collector `block_error`.",
        ),
        table("Disks", (f"libvirt_domain_block_stats_info{_GUEST}", "")),
    ),
)

_NETWORK = Row(
    "Network",
    (
        over_time(
            "Traffic",
            "Bps",
            (_rate("libvirt_domain_interface_stats_receive_bytes_total"), "{{target_device}} received"),
            (_rate("libvirt_domain_interface_stats_transmit_bytes_total"), "{{target_device}} sent"),
        ),
        over_time(
            "Errors and drops",
            "pps",
            (_rate("libvirt_domain_interface_stats_receive_errors_total"), "{{target_device}} receive errors"),
            (_rate("libvirt_domain_interface_stats_receive_drops_total"), "{{target_device}} receive drops"),
            (_rate("libvirt_domain_interface_stats_transmit_errors_total"), "{{target_device}} transmit errors"),
            (_rate("libvirt_domain_interface_stats_transmit_drops_total"), "{{target_device}} transmit drops"),
        ),
        table("Interfaces", (f"libvirt_domain_interface_stats_info{_GUEST}", ""), width=14),
        table("Addresses", (f"libvirt_domain_interface_address_info{_GUEST}", ""), width=10),
    ),
)

_WORK = Row(
    "Migration and snapshots",
    (
        over_time(
            "Migration: data",
            "bytes",
            (f"libvirt_domain_job_data_remaining_bytes{_GUEST}", "remaining"),
            (f"libvirt_domain_job_data_processed_bytes{_GUEST}", "sent"),
            help="With the collector `job`.",
        ),
        over_time(
            "Snapshots",
            "short",
            (f"libvirt_domain_snapshots{_GUEST}", "snapshots"),
            (f"(time() - libvirt_domain_snapshot_oldest_timestamp_seconds{_GUEST}) / 86400", "days of the oldest"),
        ),
        table("What it is", (f"libvirt_domain_info{_GUEST}", "")),
    ),
)

DASHBOARD = Dashboard(
    "guest",
    "omc: guest",
    "One guest: state, CPU, memory, disks, networks.",
    (_STATE, _CPU, _MEMORY, _DISKS, _NETWORK, _WORK),
    (
        Variable("host", "Host", "libvirt_up", "instance", many=True),
        Variable("guest", "Guest", 'libvirt_domain_info_vstate{instance=~"$host"}', "domain"),
    ),
)
