# Handlers are pending from before the first file is put in place until they have succeeded, so that none is forgotten.
# An entry of the folder `pending` is NUMBER.HASH: a line "# RUN HOST TOKEN", then a call of `perform` with the command.

# A job defines these; one of an omc without them has none.
has_objects='' late=''

# handler HASH TOKEN CALL: of this run; an equal one that is pending already does for both, which `shared` remembers.
handler() {
  last=1000000
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] || continue
    entry=${entry##*/}
    [ "${entry#*.}" != "$1" ] || { empty "$folder/shared.$1" || fail disk_full "cannot write $folder"; return; }
    last=${entry%%.*}
  done
  entry=$state/pending/$((last + 1)).$1
  printf '# %s %s %s\n%s\n' "$run" "$host" "$2" "$3" >"$entry" 2>/dev/null && return
  rm -f "$entry"
  fail disk_full "cannot write $entry"
}

# later HASH TOKEN CALL: one that follows the run's libvirt objects; until these are defined nobody runs it.
later() {
  empty "$folder/later.$1" || { fail disk_full "cannot write $folder"; return; }
  handler "$@"
}

# waits ENTRY: whether it follows objects that are not defined yet, of whatever run.
waits() {
  read -r _ by of _ <"$1"
  [ -e "$state/runs/$by/$of/later.${1##*.}" ]
}

perform() { run_command "$handler_seconds" "$@"; }

# run_entry ENTRY
run_entry() {
  ln -f "$1" "$folder/begun/${1##*/}" 2>/dev/null || cp "$1" "$folder/begun/${1##*/}"
  status=125 output=-
  read -r _ _ _ token <"$1"
  # shellcheck source=/dev/null
  . "$1"
  say "handler $token $status $output"
  [ "$status" = 0 ] || return 1
  rm -f "$1"
}

# run_pending: all of them, oldest first, up to the first that fails. One that an earlier run left, and that fails once
# more, stays pending and stands in nobody's way, unless it is all there is to do.
run_pending() {
  has_files=$has_objects
  each_file note_file
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] && ! waits "$entry" || continue
    run_entry "$entry" || earlier "$entry" || { fail handler ''; return; }
  done
}

note_file() { has_files=yes; }

# earlier ENTRY: whether it is of earlier runs only, and this one has files of its own.
earlier() {
  [ -n "$has_files" ] && ! [ -e "$folder/shared.${1##*.}" ] || return 1
  read -r _ by of _ <"$1"
  [ "$by $of" != "$run $host" ]
}

# forget_unbegun: this run's own that were never begun; what they would have told of never took effect.
forget_unbegun() {
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] && ! [ -e "$folder/begun/${entry##*/}" ] || continue
    read -r _ by of _ <"$entry"
    [ "$by $of" != "$run $host" ] || rm -f "$entry"
  done
}

# run_again: those that ran with files which now are put back; one that fails stays pending, and the others run all the same.
# Where objects are put back after the files, those that follow objects wait for that: `again` is late then.
again=''
run_again() {
  failed='' has_files=yes
  for entry in "$folder"/begun/*; do
    [ -f "$entry" ] || continue
    entry=${entry##*/}
    case $late in *" ${entry##*.} "*) kind=late ;; *) kind=soon ;; esac
    [ "${again:-$kind}" = "$kind" ] || continue
    if [ -e "$state/pending/$entry" ] && earlier "$state/pending/$entry"; then continue; fi
    [ -e "$state/pending/$entry" ] || cp "$folder/begun/$entry" "$state/pending/$entry"
    run_entry "$state/pending/$entry" || failed=yes
  done
  [ -z "$failed" ]
}
