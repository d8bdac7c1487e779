"""Variables while they are read: each with the place that it is written at, for the message when it cannot be used."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class Variables:
    """Values by name and, for the same names, "FILE:LINE"."""

    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: object, place: str) -> None:
        """Set one variable; an earlier value is replaced, with its place."""
        self.values[name] = value
        self.places[name] = place

    def update(self, other: "Variables") -> None:
        """Set all that another has."""
        self.values.update(other.values)
        self.places.update(other.places)
