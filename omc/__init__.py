"""omc: an open management toolkit for data centers that run KVM.

The package reads sites (folders with `inventory/`, `templates/`, `exporters/`); see
`docs/explanation/architecture.md` for the map.
"""

__version__ = "0.1.0"
