"""Reads and writes definitions of libvirt objects, the one part of the driver that changes a host.

It defines and undefines. It starts, stops and destroys nothing, and sets no secret's value.
"""
