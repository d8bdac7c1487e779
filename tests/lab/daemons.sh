#!/bin/bash
# daemons.sh FLAVOUR: starts the libvirt daemons of one host of the lab, inside its namespaces, and returns when they take connections.
set -eu
case $1 in
  tls) libvirtd --daemon --listen ;;
  *) libvirtd --daemon ;;
esac
