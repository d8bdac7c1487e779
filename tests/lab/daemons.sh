#!/bin/bash
# daemons.sh FLAVOUR: starts the libvirt daemons of one host of the lab, inside its namespaces, and returns when they take connections.
set -eu
ulimit -n 8192 # as the distribution's unit does
case $1 in
  tls) libvirtd --daemon --listen ;;
  modular)
    if command -v virtqemud >/dev/null; then
      for daemon in virtqemud virtnetworkd virtstoraged virtnodedevd virtinterfaced virtsecretd virtnwfilterd; do
        ! command -v "$daemon" >/dev/null || "$daemon" --daemon
      done
    else
      # Debian 12 and Ubuntu 24.04 build no modular daemons. A client finds them by their sockets, so these get the names.
      libvirtd --daemon
      mv /run/libvirt/libvirt-sock /run/libvirt/virtqemud-sock
      mv /run/libvirt/libvirt-sock-ro /run/libvirt/virtqemud-sock-ro
    fi
    ;;
  *) libvirtd --daemon ;;
esac
