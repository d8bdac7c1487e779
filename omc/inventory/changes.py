"""Two points of time in, what changed between them out. Pure."""

STOPPED = frozenset(("shut off", "crashed", "no state", "unknown"))
"""States in which a guest does not run; in every other it holds its host's memory."""
