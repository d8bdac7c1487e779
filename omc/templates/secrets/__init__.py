"""Secrets: where their values come from, and in which forms they may stand in what was rendered.

Values go into the files of hosts and nowhere else: no message, plan, log, diff or process list shows one. `seen` keeps
track while a host is rendered; the providers (`lookup.Secrets`) run in the process that asked for the render, not in
the templates' own.
"""
