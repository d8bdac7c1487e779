# Says over a new connection that the host is well: the timer is called off.
take_lock "$lock_seconds" || finish refused
[ -d "$folder" ] || { code=no_such_run; finish refused; }
read_step "$folder"
load && say "job $job_token"
case $step in
  waiting)
    conclude_objects
    ;;
  objects) code=already ;;
  done)
    [ ! -e "$folder/open" ] || close_run "$step"
    code=already
    ;;
  restored | rolled_back | restoring)
    code=reverted
    finish refused
    ;;
  *)
    code=unfinished
    finish refused
    ;;
esac
finish changed
