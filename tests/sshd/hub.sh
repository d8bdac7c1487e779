#!/bin/bash
# The first process of the hosts' pid namespace: starts a host for each line "FOLDER" on stdin, and ends at its end, and
# every process of every host with it.
here=$(dirname "$0")
while read -r folder; do
  unshare --mount --pid --uts --ipc --fork --kill-child --propagation private tini -s -- bash "$here/host.sh" "$folder" \
    </dev/null >>"$folder/log" 2>&1 &
done
