# Puts back what a run put in place, unless somebody else touched it since.

# touched_since: says which newer run has one of these files, of any name of this machine.
touched_since() {
  newer='' found=''
  for each in "$state"/runs/*/; do
    if [ "$each" = "$state/runs/$run/" ]; then
      newer=yes
      continue
    fi
    [ -n "$newer" ] || continue
    for one in "$each"*/; do
      [ -f "$one/job" ] || continue
      read_step "$one"
      case $step in restored | rolled_back | '' | begun) continue ;; esac
      one=${one%/}
      each_file shared || { say "newer $number $(name_of "$one")"; found=yes; }
    done
  done
  [ -z "$found" ] || fail newer_run ''
}

name_of() {
  owner_run=${1%/*}
  printf '%s %s' "${owner_run##*/}" "${1##*/}"
}

# shared: fails where the run of `one` has this path too.
shared() {
  (
    wanted=$path
    # shellcheck source=/dev/null
    . "$one/job"
    each_file other_path
  )
}
other_path() { [ "$path" != "$wanted" ]; }

# changed_since: says which files are no longer as the run left them.
changed_since() {
  each_file still_ours
  [ -z "$found" ] || fail changed_since ''
}
still_ours() {
  [ -e "$folder/backup/$number.same" ] || ! in_place || {
    sum=-
    if [ -f "$path" ] && ! [ -L "$path" ]; then sum=$(sha256sum <"$path"); fi
    [ "${sum%% *}" = "$after" ] || { say "changed $number ${sum%% *}"; found=yes; }
  }
}

take_lock "$lock_seconds" || finish refused
[ -d "$folder" ] || { code=no_such_run; finish refused; }
read_step "$folder"
load && say "job $job_token"
case $step in
  '' | begun)
    abandon
    code=interrupted
    finish restored
    ;;
  undoing) finish rolled_back ;;
  restored | rolled_back)
    [ ! -e "$folder/open" ] || close_run "$step"
    code=already
    finish unchanged
    ;;
esac
last=$step found=''
if [ -z "$force" ] && [ "$last" != restoring ]; then
  touched_since && changed_since || finish refused
fi
give_back rollback && [ -z "$failed" ] || finish failed
finish rolled_back
