"""Reads and writes definitions of libvirt objects, the one part of the driver that changes a host.

`door` defines and undefines; `running` alone changes, stops or starts what runs. No secret gets a value.
"""
