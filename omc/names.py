"""Names that mean something to several parts of omc: those of others, and those that people give guests."""

AGENT_CHANNEL = "org.qemu.guest_agent.0"
"""The channel through which the guest agent is asked."""

ANTI_AFFINITY = "anti-affinity:"
"""How a tag begins that keeps guests apart: those that have one "anti-affinity:NAME" are to run on different hosts."""
