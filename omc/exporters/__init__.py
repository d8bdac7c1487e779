"""Guests and hosts as Prometheus metrics: tables say what, `guests` and `hosts` what needs an `if`, `scrape` when.

Nothing here imports libvirt: a host is read through `omc.ports.LiveHost`, found by `omc.providers`.
"""
