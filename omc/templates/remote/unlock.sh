# Says who holds the machine; with force, ends that process.
if take_lock 0; then
  code=free
  finish unchanged
fi
[ "$code" = locked ] && [ -n "$force" ] || finish refused
code=''
read_holder
if alive "$holder_pid" "$holder_started" "$holder_boot"; then kill -KILL "$holder_pid"; fi
[ -n "$flock" ] || rm -f "$state/lock/held"
take_lock 10 || finish refused
code=broken
finish changed
