"""Templates: what a host's files and libvirt objects should be, compared with what they are, and put there.

The pair reads `templates/` (what) and `omc/templates/` (how). Rendering is pure; what a host is asked and told goes
through `omc.ports.Shell`, in one exec for a plan and one for an apply. Nothing here knows about SSH, the store or the
terminal: `omc.cli.template` puts them together.
"""
