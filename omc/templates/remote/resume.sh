# Ends what was cut off: goes on where files were being put in place or back, and runs what handlers are pending.

run_every_pending() {
  failed=''
  mkdir -p "$folder/begun"
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] && ! waits "$entry" || continue
    run_entry "$entry" || failed=yes
  done
  [ -z "$failed" ] || { fail handler ''; finish failed; }
}

handler_seconds=120 confirm_seconds=0
take_lock "$lock_seconds" || finish refused
[ -d "$folder" ] || { code=not_begun; finish unchanged; }
read_step "$folder"
load && say "job $job_token"
case $step in
  '' | begun)
    abandon
    code=interrupted
    finish restored
    ;;
  placing | placed)
    disarm
    if arm; then conclude; fi
    give_back failure
    finish restored
    ;;
  waiting)
    armed "$folder" || arm
    finish waiting
    ;;
  objects)
    code=objects
    finish changed
    ;;
  undoing) finish rolled_back ;;
  restoring)
    give_back "$reason" || finish failed
    [ -z "$failed" ] || finish failed
    [ "$reason" != rollback ] || finish rolled_back
    code=$reason
    finish restored
    ;;
esac
[ ! -e "$folder/open" ] || close_run "$step"
run_every_pending
# The run was over: put in place, unless the code says that it was put back.
[ "$step" = 'done' ] || code=$step
[ "$step" != restored ] || message=$reason
finish unchanged
