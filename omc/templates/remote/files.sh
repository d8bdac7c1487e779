# The files of a job: staged beside their targets under names that the job holds, put in place by one rename each, put back.
# The job, sourced, defines files; targets, staged_files, returning_files, beside_files and folders, which append their list to
# a command; and clear_files, which removes what lies beside the targets, then its arguments. While a run lasts, `returning` is a second name of the old file, so that putting it back needs no room on the disk.

root=no
[ ! -O / ] || root=yes

file() {
  number=$1 path=$2 staged=$3 returning=$4 before=$5 after=$6 size=$7 owner=$8 group=$9
  shift 9
  mode=$1 context=$2
  "$action"
}

# each_file ACTION: up to the first that fails; `number` is then that file's.
each_file() {
  action=$1
  files && number=0
}

# examine: is the target something that may be replaced at all?
examine() {
  if [ -L "$path" ]; then fail not_a_file "a symbolic link"; return; fi
  if [ -e "$path" ] && ! [ -f "$path" ]; then fail not_a_file "neither a file nor missing"; return; fi
  if [ "$before" = - ]; then
    ! [ -e "$path" ] || fail changed_since_plan "there is a file now"
  elif ! [ -e "$path" ]; then
    fail changed_since_plan "the file is gone"
  elif ! [ -r "$path" ]; then
    fail permission "cannot read it"
  fi
}

# digests LIST: sets digests to the SHA-256 of each file of the list that exists, in order.
digests() {
  sums=$("$1" exec sha256sum 2>/dev/null)
  digests=''
  IFS=$newline
  for sum in $sums; do
    sum=${sum#\\}
    digests="$digests${sum%% *} "
  done
  IFS=" 	$newline"
}

# next_digest EXPECTED: whether the next one of them is that.
next_digest() {
  digest=${digests%% *}
  digests=${digests#* }
  [ "$digest" = "$1" ]
}

# has_digest FILE EXPECTED: the same of one file, at once.
has_digest() {
  sum=$(sha256sum <"$1")
  [ "${sum%% *}" = "$2" ]
}

# make_folder FOLDER: with those above it; `made` holds what was made, the upper ones first.
make_folder() {
  [ -d "${1:-/}" ] && return 0
  make_folder "${1%/*}" || return
  printf '%s\n' "$1" >>"$folder/made"
  error=$(umask 022 && mkdir "$1" 2>&1) && return 0
  case $error in *'File exists'* | *'Not a directory'*) fail not_a_folder "$1 is no folder" ;; *) fail_as "$error" ;; esac
}

# attributes: of the new file, in an order that shows its content to nobody who may not see it in the end.
attributes() {
  # Most files keep what they have: that is one command, where it is GNU's.
  if [ "$root:$owner$group$mode" = yes: ] && [ -e "$path" ] &&
    cp --attributes-only --preserve=mode,ownership "$path" "$open" 2>/dev/null; then
    label
    return
  fi
  set -- '' '' 0644
  if [ -e "$path" ] && { [ -z "$owner" ] || [ -z "$group" ] || [ -z "$mode" ]; }; then
    # shellcheck disable=SC2046 # three numbers
    set -- $(stat -c '%u %g %a' "$path")
  fi
  owner=${owner:-$1} group=${group:-$2}
  case $root:${owner:-0}:${group:-0} in
    yes:0:0 | yes:root:root) [ -O "$staged" ] && [ -G "$staged" ] && owner='' group='' ;;
  esac
  [ -z "$owner$group" ] || chown "$owner${group:+:$group}" "$open" || return
  # A mode that stays is copied with its access list, of which the group's bits would be no more than the mask.
  [ -z "$mode" ] && [ -e "$path" ] && cp --attributes-only --preserve=mode "$path" "$open" 2>/dev/null ||
    chmod "${mode:-$3}" "$open" || return
  label
}

label() {
  [ -e "$selinux" ] || return 0
  if [ -n "$context" ]; then
    chcon "$context" "$open"
  elif [ -e "$path" ]; then
    chcon --reference="$path" "$open"
  elif command -v matchpathcon >/dev/null; then
    chcon "$(matchpathcon -n "$path")" "$open"
  fi
}

# fill: writes and dresses the staged file through the open descriptor 8, whatever its name has come to mean meanwhile.
fill() {
  open=/proc/self/fd/8
  [ -e "$open" ] || open=$staged
  if [ "$size" = - ]; then
    cat "$path" >&8 || return
  else
    content "$number" >&8 || return
  fi
  attributes
}

stage() {
  make_folder "${path%/*}" || return
  if error=$(
    exec 2>&1
    set -C
    fill 8>"$staged"
  ); then return 0; fi
  fail_as "$error"
}

# keep: the old file under its second name where the file system has such, and a copy of all of it for later.
keep() {
  if [ "$before" = - ]; then
    empty "$folder/backup/$number.missing" || fail disk_full "cannot write $folder"
    return
  fi
  if ln "$path" "$returning" 2>/dev/null; then
    # On an overlay the two names of a file of its lower layer are two files.
    [ "$returning" -ef "$path" ] || rm -f "$returning"
  else
    changeable || return
  fi
  error=$(cp -a "$path" "$folder/backup/$number" 2>&1) || fail_as "$error"
}

# changeable: a file system without second names refuses them as it does those of an immutable file.
changeable() {
  flags=$(lsattr -d "$path" 2>/dev/null)
  case ${flags%% *} in *[ia]*) fail immutable "chattr has made it immutable or append-only" ;; esac
}

# as_planned, whole: what will be replaced and what was staged is what it should be.
as_planned() {
  if [ "$before" = - ]; then return 0; fi
  if [ -e "$returning" ]; then next_digest "$before"; else has_digest "$path" "$before"; fi ||
    fail changed_since_plan "its content is another one"
}
whole() { next_digest "$after" || fail incomplete "the new content did not arrive whole"; }

# unmoved: the target is still the file that was kept. From here to the rename is the window that remains.
unmoved() {
  if [ -L "$path" ] || [ -d "$path" ]; then fail not_a_file "it became a link or a folder meanwhile"; return; fi
  if [ "$before" = - ]; then
    ! [ -e "$path" ] || fail changed_meanwhile "somebody else made it meanwhile"
  elif [ -e "$returning" ]; then
    [ "$returning" -ef "$path" ] || fail changed_meanwhile "somebody else replaced it meanwhile"
  else
    has_digest "$path" "$before" || fail changed_meanwhile "somebody else wrote it meanwhile"
  fi
}

in_place() { ! [ -e "$staged" ] || [ "$staged" -ef "$path" ]; }

# place: a new name is linked, which no file of somebody else survives unseen; an old one is replaced.
place() {
  error=''
  in_place || unmoved || return
  if in_place; then
    rm -f "$staged"
  elif [ "$before" = - ] && error=$(ln -T "$staged" "$path" 2>&1); then
    rm -f "$staged"
  else
    case $error in *'File exists'*) unmoved || return ;; esac
    error=$(mv -fT "$staged" "$path" 2>&1) || { fail_as "$error"; return; }
  fi
  if [ -e "$selinux" ] && [ "$before$context" = - ] && command -v restorecon >/dev/null; then restorecon "$path"; fi
  say "file $number"
}

# unwritten: nobody wrote into the old file while it was replaced.
unwritten() {
  if [ "$before" = - ] || ! [ -e "$returning" ]; then return 0; fi
  next_digest "$before" || fail changed_meanwhile "somebody else wrote it meanwhile"
}

# put_back: `same` tells a later attempt that the target was never replaced.
put_back() {
  if [ -e "$folder/backup/$number.same" ]; then return 0; fi
  if ! in_place; then
    empty "$folder/backup/$number.same"
    rm -f "$staged"
    return 0
  fi
  rm -f "$staged"
  save_found
  if [ -e "$folder/backup/$number.missing" ]; then
    error=$(rm -f "$path" 2>&1)
  elif [ -e "$returning" ] && ! [ -e "$folder/backup/$number.copied" ]; then
    error=$(mv -fT "$returning" "$path" 2>&1)
  else
    error=$(return_copy 2>&1)
  fi || { left="$left $number" && fail_as "$error" && return 0; }
  say "file $number"
}

# return_copy: from here on what bears the second name may be half a copy.
return_copy() {
  empty "$folder/backup/$number.copied" && rm -f "$returning" && cp -a "$folder/backup/$number" "$returning" || return
  sync "$returning" 2>/dev/null || sync
  mv -fT "$returning" "$path"
}

# save_found: what somebody else put there since is not lost.
save_found() {
  [ -f "$path" ] || return 0
  has_digest "$path" "$after" || cp -a "$path" "$folder/backup/$number.found" 2>/dev/null
}

remove_folders() {
  [ -f "$folder/made" ] || return 0
  list=''
  while IFS= read -r line; do list=$line$newline$list; done <"$folder/made"
  IFS=$newline
  set -f
  # shellcheck disable=SC2086 # one name a line
  rmdir $list 2>/dev/null
  set +f
  IFS=" 	$newline"
}

# clear FILE…: nothing of the run remains beside the targets, nor these files.
clear() { clear_files "$folder/tree" "$folder/pipe" "$folder/output" "$@"; }
