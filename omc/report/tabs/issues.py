"""omcIssues: what could not be read, and why; what is empty elsewhere has its reason here."""

from omc.report import hosts, words
from omc.report.hosts import host_parts_tab
from omc.report.tab import Column

TAB = host_parts_tab(
    "omcIssues",
    "fact that could not be read",
    (),
    more=(
        Column("omc Subject", "text", lambda part: part.item.subject, "host, guest/NAME, pool/NAME …"),
        Column("omc Code", "text", lambda part: part.item.code, "a stable word for programs"),
        Column("omc What", "text", lambda part: part.item.what, "which fact is missing"),
        Column("omc Why", "long", lambda part: part.item.why, "in libvirt's own words where it gave some"),
        Column("omc Hint", "long", lambda part: part.item.hint or None, "what to type or change next"),
        Column("omc Failed", "boolean", lambda part: part.item.failed, "a read that should have worked"),
        Column(
            "omc Collected at",
            "time",
            lambda part: words.moment(part.scene.host.collected_at),
            "UTC, of the host's facts",
        ),
    ),
    parts=lambda scene: scene.host.issues,
    tail=hosts.TAIL[:1],
)
