"""The benchmarks: omc beside its yardsticks, in one run on one machine. `make bench`, or `python -m tests.bench`.

A figure is a ratio of two whole processes that ran in turns, so that a busy machine slows down both. The yardsticks are
a fixed script of bare libvirt-python (`floor`), Ansible's libvirt plugin (`ansible_peer`) and a script with the sqlite3
module (`list_peer`). One file of `cases/` a claim; `soak` is run by its name only.
"""
