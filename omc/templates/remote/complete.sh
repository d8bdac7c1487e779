# Ends a run whose libvirt objects are defined, with the handlers that follow them; or one whose objects are put back.

# later HASH TOKEN CALL: one that did not run yet is nobody's to wait for any more.
later() {
  [ -e "$folder/later.$1" ] || return 0
  handler "$@" && rm -f "$folder/later.$1"
}

take_lock "$lock_seconds" || finish refused
[ -d "$folder" ] || { code=no_such_run; finish refused; }
read_step "$folder"
load && say "job $job_token"
case $step in
  objects)
    late_handlers && run_pending || finish failed
    close_run 'done'
    clean_old
    finish changed
    ;;
  undoing)
    again=late
    run_again || fail handler ''
    close_run rolled_back
    [ -z "$failed" ] || finish failed
    finish rolled_back
    ;;
esac
code=already
finish unchanged
