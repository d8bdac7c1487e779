# Keeps what is to be put back by the controller, beside the run's old files; what the run kept first stays.
take_lock "$lock_seconds" || finish refused
[ -d "$folder" ] || { code=no_such_run; finish refused; }
[ ! -e "$folder/objects" ] || finish unchanged
if printf '%s\n' "$objects" 2>/dev/null >"$folder/objects.part"; then
  sync "$folder/objects.part" 2>/dev/null || sync
  mv "$folder/objects.part" "$folder/objects"
  sync "$folder" 2>/dev/null || sync
  finish changed
fi
rm -f "$folder/objects.part"
fail disk_full "cannot write $folder"
finish failed
