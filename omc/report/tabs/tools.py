"""vTools: a row a guest, with its guest agent, which is to libvirt what the VMware Tools are to RVTools."""

from omc.model import Agent
from omc.names import AGENT_CHANNEL
from omc.report import words
from omc.report.guests import Part, guests_tab
from omc.report.tab import Column
from omc.report.tabs.info import known

_SILENT = Agent()


def state(part: Part) -> str | None:
    """Return RVTools' word for it: toolsOk, toolsNotRunning or toolsNotInstalled."""
    if part.guest.agent_connected is not None:
        return "toolsOk" if part.guest.agent_connected else "toolsNotRunning"
    if not known(part.guest):
        return None
    has_channel = any(channel.name == AGENT_CHANNEL for channel in part.guest.channels)
    return "toolsNotRunning" if has_channel else "toolsNotInstalled"


def agent(part: Part) -> Agent:
    """Return what the agent answered; all of it None where it was not asked."""
    return part.guest.agent or _SILENT


COLUMNS = (
    Column("VM Version", "text", lambda part: part.guest.machine, "machine type"),
    Column(
        "Tools", "text", state, "guest agent: toolsOk connected, toolsNotRunning not so, toolsNotInstalled no channel"
    ),
)
MORE = (
    Column("omc Hostname", "text", lambda part: agent(part).hostname, "as the guest calls itself"),
    Column("omc OS id", "text", lambda part: agent(part).os_id, "debian …"),
    Column("omc OS version", "text", lambda part: agent(part).os_version, ""),
    Column("omc Kernel", "text", lambda part: agent(part).kernel, "release"),
    Column("omc Time zone", "text", lambda part: agent(part).timezone, ""),
    Column("omc Users", "text", lambda part: words.joined(agent(part).users), "logged in"),
)

TAB = guests_tab("vTools", "guest", COLUMNS, more=MORE)
