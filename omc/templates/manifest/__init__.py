"""A template's `manifest.yaml`: what it may say, read and checked, every value with its place."""

from omc.templates.manifest.entities import Check, FileEntry, Handler, Hosts, Manifest, Value, Variable

__all__ = ["Check", "FileEntry", "Handler", "Hosts", "Manifest", "Value", "Variable"]
