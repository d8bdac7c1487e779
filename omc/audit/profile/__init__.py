"""Portability profiles: what a guest keeps to so that other hosts can run it, and what a host offers to such guests.

A profile is a dated data file, `inventory/profiles/NAME-YYYY.yaml` of the site, else the shipped one of that name. It
speaks of facts: each has a name and a function here, and a profile says which values of it are portable. It judges what
was collected and asks no host; whether one guest would run on one host is `omc.audit.migrate`'s question.
"""
