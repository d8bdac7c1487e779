#!/bin/bash
# hub.sh FOLDER: the lab's own network, run as the first child of the init of the hub's namespaces.
# Every host of the lab lives below that init, so that its end is the end of everything in the lab.
set -eu
folder=$1
# /proc is still the machine's here, so these are the machine's pids: the init's, with its start time, which no later process shares.
read -r _ _ _ init _ </proc/self/stat
read -r -a stat <"/proc/$init/stat"
echo "$init ${stat[21]}" >"$folder/hub.new"
mv "$folder/hub.new" "$folder/hub.pid"
ip link set lo up
ip link add lab type bridge
ip link set lab up
echo ready
exec sleep infinity >/dev/null 2>&1
