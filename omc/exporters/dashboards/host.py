"""One host, or some: its guests' share of CPU, memory, disks and networks, its pools, and how well it is scraped."""

from omc.exporters.dashboards.panels import Dashboard, Row, Variable, number, over_time, table

_HOST = '{instance=~"$host"}'


def _rate(metric: str) -> str:
    return f"sum by (domain) (rate({metric}{_HOST}[$__rate_interval]))"


_STATE = Row(
    "State",
    (
        number("Answers", f"min(libvirt_up{_HOST})", help="1: yes."),
        number("Guests that run", 'sum(libvirt_domains_by_state{instance=~"$host", state="running"})'),
        number("CPUs", f"sum(libvirt_node_cpus{_HOST})"),
        number("Virtual CPUs", f"sum(libvirt_node_vcpus_allocated{_HOST})", help="Of all running guests."),
        number("Memory", f"sum(libvirt_node_memory_bytes{_HOST})", "bytes"),
        number("Memory promised", f"sum(libvirt_node_memory_allocated_bytes{_HOST})", "bytes"),
    ),
)

_CPU = Row(
    "CPU and memory",
    (
        over_time(
            "CPU by guest",
            "short",
            (_rate("libvirt_domain_info_cpu_time_seconds_total"), "{{domain}}"),
            (f"sum(libvirt_node_cpus{_HOST})", "CPUs of the host"),
        ),
        over_time(
            "Steal by guest",
            "percentunit",
            (f"topk(15, guest:libvirt_cpu_steal:ratio_rate5m{_HOST})", "{{domain}}"),
            help="Share of the time in which a virtual CPU was ready and got no CPU of the host.",
        ),
        over_time(
            "Memory that guests hold",
            "bytes",
            (f"sum by (domain) (libvirt_domain_memory_stats_rss_bytes{_HOST})", "{{domain}}"),
            stacked=True,
        ),
        over_time(
            "Memory in use, as guests say",
            "percentunit",
            (f"topk(15, guest:libvirt_memory_used:ratio{_HOST})", "{{domain}}"),
            maximum=1,
        ),
        over_time(
            "Free memory of NUMA cells",
            "bytes",
            (f"libvirt_node_numa_memory_free_bytes{_HOST}", "{{instance}} cell {{cell}}"),
        ),
        over_time(
            "Huge pages in use",
            "percentunit",
            (
                'cell:libvirt_hugepages_used:ratio{instance=~"$host", page_size_bytes!~"4096|16384|65536"}',
                "{{instance}} cell {{cell}}, {{page_size_bytes}} bytes",
            ),
            maximum=1,
        ),
    ),
)

_TRAFFIC = Row(
    "Disks and networks",
    (
        over_time("Read from disks", "Bps", (_rate("libvirt_domain_block_stats_read_bytes_total"), "{{domain}}")),
        over_time("Written to disks", "Bps", (_rate("libvirt_domain_block_stats_write_bytes_total"), "{{domain}}")),
        over_time("Received", "Bps", (_rate("libvirt_domain_interface_stats_receive_bytes_total"), "{{domain}}")),
        over_time("Sent", "Bps", (_rate("libvirt_domain_interface_stats_transmit_bytes_total"), "{{domain}}")),
        over_time(
            "Slowest disks",
            "s",
            (f"topk(10, disk:libvirt_read_latency_seconds:rate5m{_HOST})", "{{domain}} {{target_device}} read"),
            (f"topk(10, disk:libvirt_write_latency_seconds:rate5m{_HOST})", "{{domain}} {{target_device}} write"),
        ),
        over_time(
            "Storage pools",
            "percentunit",
            (f"pool:libvirt_storage_used:ratio{_HOST}", "{{instance}} {{storage_pool}}"),
            maximum=1,
        ),
        over_time(
            "Largest volumes",
            "bytes",
            (f"topk(10, libvirt_storage_volume_allocation_bytes{_HOST})", "{{storage_pool}} {{volume}}"),
            help="With the collector `volume`.",
        ),
        table(
            "Network interfaces of the host",
            (f"max by (instance, interface) (libvirt_interface_link_up{_HOST})", "link"),
            (f"max by (instance, interface) (libvirt_interface_speed_bytes_per_second{_HOST})", "speed", "Bps"),
            unit="none",
            width=12,
        ),
        table("Pools", (f"libvirt_storage_pool_info{_HOST}", ""), width=12),
        table("Networks", (f"libvirt_network_info{_HOST}", ""), width=12),
    ),
)

_SCRAPE = Row(
    "How it is scraped",
    (
        over_time("Duration", "s", (f"libvirt_scrape_duration_seconds{_HOST}", "{{instance}}")),
        over_time(
            "Duration by collector",
            "s",
            (f"libvirt_scrape_collector_duration_seconds{_HOST}", "{{instance}} {{collector}}"),
        ),
        over_time(
            "Guests without an answer",
            "short",
            (f"sum by (instance) (libvirt_domain_timed_out{_HOST})", "{{instance}}"),
        ),
        over_time(
            "Collectors that fail",
            "short",
            (f"sum by (instance) (1 - libvirt_scrape_collector_success{_HOST})", "{{instance}}"),
        ),
        over_time(
            "Threads of libvirt's daemons at work",
            "short",
            (
                f"libvirt_daemon_workers{_HOST} - libvirt_daemon_workers_free{_HOST}",
                "{{instance}} {{daemon}} {{server}}",
            ),
            (f"libvirt_daemon_job_queue_depth{_HOST} > 0", "{{instance}} {{daemon}} {{server}}: requests that wait"),
            help="With the collector `daemon`.",
        ),
        over_time(
            "Clients of libvirt's daemons",
            "percentunit",
            (f"server:libvirt_daemon_clients_used:ratio{_HOST}", "{{instance}} {{daemon}} {{server}}"),
            maximum=1,
            help="Of those that there may be. With the collector `daemon`.",
        ),
    ),
)

DASHBOARD = Dashboard(
    "host",
    "omc: host",
    "One KVM host or some of them: what its guests take, its storage and networks.",
    (_STATE, _CPU, _TRAFFIC, _SCRAPE),
    (Variable("host", "Host", "libvirt_up", "instance", many=True),),
)
