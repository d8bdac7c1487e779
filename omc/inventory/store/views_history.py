"""The views of time: runs, measurements and what was when."""

from omc.inventory.store.times import FOREVER
from omc.inventory.store.views import view

RUNS = view(
    "runs",
    "One row a run of a collect.",
    """
run         | integer | r.id          | number of the run
started_at  | text    | r.started_at  | when it began
finished_at | text    | r.finished_at | null: it still runs, or it was killed
outcome     | text    | r.outcome     | ok, partial, interrupted …
actor       | text    | r.actor       | who ran it
selection   | text    | r.selection   | which hosts were asked for
omc_version | text    | r.omc_version | the version that ran
hosts       | integer | (SELECT count(*) FROM collect c WHERE c.run = r.id) | hosts that were asked
hosts_failed | integer | (SELECT count(*) FROM collect c WHERE c.run = r.id AND c.status <> 'ok') | not ok
guests      | integer | (SELECT CAST(sum(c.guests) AS BIGINT) FROM collect c WHERE c.run = r.id) | guests that were read
""",
    source="run r",
    order="run",
)

_KINDS = """
(SELECT g.host AS host, 'disk' AS kind, g.name AS subject, g.uuid AS uuid, s.target AS item, s.valid_from, s.valid_to,
s.capacity_bytes, s.allocation_bytes, s.physical_bytes, NULL AS available_bytes, NULL AS expires_at
FROM disk_sample s JOIN guest g ON g.id = s.guest
UNION ALL
SELECT s.host, 'pool', s.pool, NULL, NULL, s.valid_from, s.valid_to,
s.capacity_bytes, s.allocation_bytes, NULL, s.available_bytes, NULL FROM pool_sample s
UNION ALL
SELECT s.host, 'lease', s.network, NULL, s.mac || ' ' || s.address, s.valid_from, s.valid_to,
NULL, NULL, NULL, NULL, s.expires_at FROM lease_sample s)
"""

MEASUREMENTS = view(
    "measurements",
    "One row a measured thing and a run that read its host: how sizes grew, how leases were renewed.",
    """
run              | integer | c.run              | number of the run
measured_at      | text    | c.collected_at     | when the host was read
host             | text    | m.host             | the host's name in the site
kind             | text    | m.kind             | disk, pool or lease
subject          | text    | m.subject          | name of the guest, pool or network
uuid             | text    | m.uuid             | the guest's UUID
item             | text    | m.item             | target of the disk; MAC and address of the lease
capacity_bytes   | integer | m.capacity_bytes   | size of the disk or pool
allocation_bytes | integer | m.allocation_bytes | in use
physical_bytes   | integer | m.physical_bytes   | space that the disk takes on the host
available_bytes  | integer | m.available_bytes  | space left in the pool
expires_at       | text    | m.expires_at       | end of the lease
""",
    source=f"""{_KINDS} m
JOIN collect c ON c.host = m.host AND c.collected_at >= m.valid_from AND c.collected_at < m.valid_to""",
    order="measured_at host kind subject item",
)

_EVENTS = """
(SELECT host, kind, name, uuid, 'configuration' AS aspect, NULL AS value, NULL AS reason, valid_from, valid_to
FROM version
UNION ALL
SELECT g.host, 'guest', g.name, g.uuid, 'state', s.state, s.reason, s.valid_from, s.valid_to
FROM guest_state s JOIN guest g ON g.id = s.guest
UNION ALL
SELECT g.host, 'guest', g.name, g.uuid, 'address', a.address, a.source, a.valid_from, a.valid_to
FROM guest_address a JOIN guest g ON g.id = a.guest
UNION ALL
SELECT host, 'host', host, NULL, 'status', status, reason, valid_from, valid_to FROM host_state)
"""

HISTORY = view(
    "history",
    "One row a span of time in which something stayed as it was; a change ends one row and begins the next.",
    f"""
host       | text | e.host       | the host's name in the site
kind       | text | e.kind       | host, guest, pool or network
name       | text | e.name       | its name (of a configuration: its name then)
uuid       | text | e.uuid       | its UUID
aspect     | text | e.aspect     | configuration, state, address (of a guest) or status (of a host)
value      | text | e.value      | the state, address or status; null for a configuration
reason     | text | e.reason     | reason of the state or status, source of the address
valid_from | text | e.valid_from | when it was first seen
valid_to   | text | NULLIF(e.valid_to, '{FOREVER}') | when it was first seen to be over; null: it still holds
""",
    source=f"{_EVENTS} e",
    order="valid_from host kind name aspect",
)
