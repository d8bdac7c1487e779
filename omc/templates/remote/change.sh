# Changes the files of one job, whole or not at all.

# take SIZE: so many bytes of the input and not one more (busybox's head reads ahead). Only what is too large for the script
# comes that way, so it alone can keep a lost connection waiting.
receiving=''
! command -v timeout >/dev/null || receiving="timeout $receive_seconds"
take() {
  large=$(($1 / 1048576)) rest=$(($1 % 1048576))
  [ "$large" = 0 ] || $receiving dd bs=1048576 count="$large" iflag=fullblock status=none 9>&- || return
  [ "$rest" = 0 ] || $receiving dd bs="$rest" count=1 iflag=fullblock status=none 9>&-
}

# prepare: the run's folder, with the job. From here on a kill leaves what the next one can tell.
prepare() {
  if [ -e "$folder" ]; then
    read_step "$folder"
    case $step in
      restored | rolled_back) rm -rf "$folder" ;;
      *) fail exists "this run was carried out here already"; return ;;
    esac
  fi
  error=$(mkdir -p "$folder/backup" "$folder/begun" 2>&1) || { fail_as "$error"; return; }
  empty "$folder/open" || { fail disk_full "cannot write $folder"; return; }
  # Nothing is staged before the journal says that the job is whole.
  step=''
  printf '%s' "$job" 2>/dev/null >"$folder/job" && printf '%s' "$revert" 2>/dev/null >"$folder/revert.sh" || {
    fail disk_full "cannot write $folder"
    return
  }
  step=new
  load
}

validation() {
  number=$1
  shift
  run_command "$validate_seconds" "$@"
  say "validation $number $status $output"
  [ "$status" = 0 ] || fail validation ''
}

# tree, beside PATH, member STAGED FINAL: a root of its own where a whole set lies under its final names.
tree() { rm -rf "$folder/tree" && mkdir "$folder/tree"; }
beside() {
  [ -e "$1" ] || return 0
  mkdir -p "$folder/tree${1%/*}"
  error=$(cp -a "$1" "$folder/tree${1%/*}/" 2>&1) || fail_as "$error"
}
member() {
  mkdir -p "$folder/tree${2%/*}"
  error=$(cp -a "$1" "$folder/tree$2" 2>&1) || fail_as "$error"
}
check() {
  number=$1
  shift
  run_command "$validate_seconds" "$@"
  rm -rf "$folder/tree"
  say "check $number $status $output"
  [ "$status" = 0 ] || fail validation ''
}

begin() {
  note begun 2>/dev/null || fail disk_full "cannot write the journal"
  sync "$folder/job" "$folder/journal" "$folder" 2>/dev/null || sync
}

# commit: everything is on the disk before the first rename, and the journal says that renames may have happened.
commit() {
  note placing 2>/dev/null || { fail disk_full "cannot write the journal"; return; }
  staged_files sync "$folder/journal" "$folder"/backup/* "$folder/backup" "$folder" "$state/pending" 2>/dev/null || sync
}

attempt() {
  prepare && each_file examine || return
  begin && each_file stage && validations && checks && each_file keep || return
  digests beside_files
  each_file as_planned && each_file whole && handlers && late_handlers && arm && commit
}

refuse() {
  say "at $number"
  [ "$code" = exists ] || abandon
  finish refused
}

take_lock "$lock_seconds" && others || finish refused
attempt || refuse
conclude
