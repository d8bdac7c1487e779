"""The benchmarks: omc beside its yardsticks, in one run on one machine. `make bench`, or `python -m tests.bench`.

A figure is a ratio of two whole processes that ran in turns, so that a busy machine slows down both. The yardsticks are
fixed scripts of bare libvirt-python (`floor`, `scrape_floor`), Ansible's libvirt plugin (`ansible_peer`), a script with
the sqlite3 module (`list_peer`), Debian's exporter and `virsh`. One file of `cases/` a claim; the soaks are run by name
only.
"""
