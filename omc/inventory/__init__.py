"""The inventory: raw answers of a host in, the reference model out, and what is kept, compared and shown of it.

`domain/`, `host`, `storage`, `network` and their like are pure readers (text in, structs out); `assemble` puts one
host together; `collect` is the part that talks to hosts, through a port.
"""
