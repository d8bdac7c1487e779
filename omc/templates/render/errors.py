"""What can go wrong while a template is rendered for one host."""

from omc.errors import OmcError


class RenderError(OmcError):
    """A template cannot be rendered for one host.

    `where` is FILE:LINE of the template, the manifest or the inventory as far as it is known; `variable` is the one at
    fault, else "". No message holds a secret.
    """

    def __init__(  # noqa: PLR0913 - all of them are said to the user
        self, message: str, *, host: str, template: str, variable: str = "", where: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.host = host
        self.template = template
        self.variable = variable

    def __str__(self) -> str:
        subject = f"{self.template}, {self.host}: {self.message}"
        return f"{self.where}: {subject}" if self.where else subject


class LimitError(RenderError):
    """A template took more time, memory or output than it may."""
