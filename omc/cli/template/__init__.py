"""`omc template`: what hosts' files should be, compared with what they are, put there, and put back."""

from collections.abc import Mapping

from omc.cli.command import Lazy, LazyGroup

COMMANDS: Mapping[str, Lazy] = {
    "list": Lazy("omc.cli.template.catalogue", "List all templates: what each manages, and for which hosts."),
    "show": Lazy("omc.cli.template.catalogue", "Show one template: its files, handlers and variables."),
    "render": Lazy("omc.cli.template.render", "Print what a template gives for a host."),
    "plan": Lazy("omc.cli.template.plan", "Show what would change on hosts, and change nothing."),
    "apply": Lazy("omc.cli.template.apply", "Change hosts, after showing what and asking."),
    "status": Lazy("omc.cli.template.status", "Compare hosts with what was applied, and with what would be."),
    "history": Lazy("omc.cli.template.history", "List the runs: who applied what, when, to which hosts."),
    "rollback": Lazy("omc.cli.template.rollback", "Put back what a run changed."),
    "resume": Lazy("omc.cli.template.resume", "Finish a run that was cut off."),
    "forget": Lazy("omc.cli.template.forget", "Forget pending handlers that never succeed."),
    "unlock": Lazy("omc.cli.template.unlock", "Say which run holds hosts, and end one that hangs."),
}

command = LazyGroup(
    "template",
    COMMANDS,
    help="Render templates, compare hosts with them, apply them, and put back what was there. Start with: "
    "omc template plan",
)
