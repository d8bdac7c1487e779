#!/bin/bash
# daemons.sh FLAVOUR: starts the libvirt daemon of one host of the lab, inside its namespaces, and returns when it takes connections.
set -eu
ulimit -n 8192 # as the distribution's unit does
case $1 in
  tls) libvirtd --daemon --listen ;;
  modular)
    # Debian 12 and Ubuntu 24.04 build no modular daemons, but a client knows them by their sockets only. So libvirtd's get the
    # names that virtqemud's have, and there is no other one to be found.
    libvirtd --daemon
    mv /run/libvirt/libvirt-sock /run/libvirt/virtqemud-sock
    mv /run/libvirt/libvirt-sock-ro /run/libvirt/virtqemud-sock-ro
    ;;
  *) libvirtd --daemon ;;
esac
