# What one run does to a host, from its first file to its end, and back.

# load: defines what the job of `folder` consists of; a job without a first line in its journal may be half a job.
load() {
  [ -n "$step" ] && [ -f "$folder/job" ] || return 1
  # shellcheck source=/dev/null
  . "$folder/job"
}

# carry_on: puts in place what is staged, and runs the handlers; after a kill it goes on where that was.
carry_on() {
  each_file place || return
  digests returning_files
  each_file unwritten || return
  folders sync 2>/dev/null || sync
  note placed
  run_pending
}

# conclude: carry_on, and what comes after it, to the end of the answer.
conclude() {
  if ! carry_on; then
    culprit=$number
    give_back failure
    say "at $culprit"
    [ -z "$left$failed" ] || finish failed
    finish restored
  fi
  if [ "$confirm_seconds" -gt 0 ]; then
    clear
    note waiting
    finish waiting
  fi
  conclude_objects
}

# conclude_objects: the end, unless the machine stays this run's until its libvirt objects are defined.
conclude_objects() {
  if [ -n "$has_objects" ]; then
    printf '%s\n' "$run $host $actor $since" >"$folder/holder"
    disarm
    clear "$folder/revert.sh"
    note objects
  else
    close_run 'done'
    clean_old
  fi
  finish changed
}

# give_back REASON: all files as they were; sets left to the numbers of those that could not be put back, and failed where
# a handler failed that was run again.
give_back() {
  note "restoring:$1"
  empty "$folder/open"
  left='' failed=''
  each_file put_back
  folders sync 2>/dev/null || sync
  remove_folders
  forget_unbegun
  again=''
  if [ "$1" = rollback ] && [ -e "$folder/objects" ]; then again=soon; fi
  run_again || [ -n "$code" ] || fail handler ''
  disarm
  for number in $left; do say "left $number"; done
  [ -n "$left" ] || say back
  if [ -n "$left" ]; then
    clear
    return 1
  elif [ "$again" = soon ]; then
    clear "$folder/revert.sh"
    note undoing
  elif [ "$1" = rollback ]; then
    close_run rolled_back
  else
    close_run restored
  fi
}

# close_run WORD: the last line of the journal; while `open` is there, not all is cleared up yet.
close_run() {
  note "$1"
  disarm
  clear "$folder/revert.sh" "$folder/open"
}

# abandon: a run that was cut off before its first file was in place leaves nothing.
abandon() {
  if load; then
    clear
    remove_folders
    forget_unbegun
    disarm
  fi
  rm -rf "$folder"
  rmdir "${folder%/*}" 2>/dev/null
}

# others: runs that were cut off end here, or are named; a run's own other names may wait for their confirmation.
others() {
  mine=$run/$host
  for open in "$state"/runs/*/*/open; do
    [ -e "$open" ] || continue
    folder=${open%/open} host=${folder##*/} run=${folder%/*}
    run=${run##*/}
    read_step "$folder"
    case $step in
      '' | begun) abandon ;;
      waiting)
        [ "$run" = "${mine%/*}" ] && [ "$run/$host" != "$mine" ] || { say "unfinished $run $host"; fail waiting ''; break; }
        ;;
      objects) [ "$run" = "${mine%/*}" ] || { busy; break; } ;;
      done | restored | rolled_back) ! load || close_run "$step" ;;
      *) say "unfinished $run $host"; fail unfinished ''; break ;;
    esac
  done
  run=${mine%/*} host=${mine#*/}
  folder=$state/runs/$mine
  [ -z "$code" ]
}

# busy: who defines libvirt objects of this machine, or was cut off while doing so.
busy() {
  read -r by of who when 2>/dev/null <"$folder/holder" || by=$run of=$host who=- when=-
  say "lock $by $of $who $when"
  fail objects ''
}

# clean_old: the old files of the last runs are kept, and those of every run that is not over.
clean_old() {
  count=0
  for each in "$state"/runs/*/; do [ ! -d "$each" ] || count=$((count + 1)); done
  for each in "$state"/runs/*/; do
    [ "$count" -gt "$keep_runs" ] || return 0
    count=$((count - 1))
    set -- "$each"*/open
    [ -e "$1" ] || rm -rf "$each"
  done
}
