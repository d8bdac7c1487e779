"""Libvirt objects as templates make them: compared with what a host has, defined, and put back.

`document` reads definitions, `completed` fills in what libvirt itself adds to one, `comparison` plans, `changing` and
`undoing` carry it out. Nothing is started, stopped or destroyed, and no secret gets a value.
"""
