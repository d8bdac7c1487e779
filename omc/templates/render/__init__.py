"""Renders templates for hosts: what each host should have, as `omc.templates.desired` says it.

`render` does it in a process of its own with bounded time, memory and output; `Worker.needs` says beforehand what
must be known of the hosts. Nothing here knows what hosts have now.
"""

from omc.templates.render.errors import LimitError, RenderError
from omc.templates.render.worker import Worker, render
from omc.templates.render.world import Limits, Needs, World

__all__ = ["LimitError", "Limits", "Needs", "RenderError", "Worker", "World", "render"]
