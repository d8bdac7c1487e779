# Looks at files and at what runs left on the machine; changes nothing. The head defines targets, and wanted: the lines that
# sha256sum would print for the files that are asked for; and programs, those that will check them.

look_at_machine() {
  read -r machine 2>/dev/null </etc/machine-id || machine=''
  read -r node 2>/dev/null </proc/sys/kernel/hostname || node=''
  say "machine ${machine:-$(uname -n)} $boot $node"
  holder_run='' held=''
  if [ -s "$state/lock/holder" ] || [ -L "$state/lock/held" ]; then
    read_holder
    ! under_way || held=$holder_run/$holder_host
  fi
  [ -z "$held" ] || say "lock $holder_run $holder_host $holder_actor $holder_since"
  for open in "$state"/runs/*/*/open; do
    [ -e "$open" ] || continue
    unfinished "${open%/open}"
  done
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] || continue
    read -r _ _ _ token <"$entry"
    say "pending $token"
  done
  may_keep || say "powerless $(id -un)"
}

# may_keep: whether this user can make a change at all, which begins with a job in the state folder; root is told then.
may_keep() {
  above=$state
  [ -e "$above" ] || above=${state%/*}
  [ -w "$above" ] || [ "$(id -u)" = 0 ]
}

under_way() {
  [ -n "$holder_run" ] || return 1
  if [ -L "$state/lock/held" ]; then
    alive "$holder_pid" "$holder_started" "$holder_boot"
  else
    flocked 2>/dev/null 9<"$state/lock/mutex"
  fi
}
flocked() { ! flock -n -s 9; }

unfinished() {
  name=${1#"$state/runs/"}
  [ "$name" != "$held" ] || return 0
  read_step "$1"
  armed "$1"
  token=-
  [ -z "$step" ] || [ ! -f "$1/job" ] || read -r _ token <"$1/job"
  say "unfinished ${name%/*} ${name#*/} ${step:-begun} $left_seconds $token"
}

look_for() {
  for program; do
    command -v "$program" >/dev/null 2>&1 || say "lacking $program"
  done
}

look_at_files() {
  label=-
  [ ! -e "$selinux" ] || label=%C
  stats=$(stat -c "stat	%f	%s	%u	%g	%U	%G	$label	%n" "$@" 2>/dev/null)
  [ -z "$stats" ] || say "$stats"
  for path; do
    shift
    [ ! -L "$path" ] || continue
    if [ -f "$path" ]; then
      set -- "$@" "$path"
      [ -r "$path" ] || say "unreadable $path"
    elif ! [ -e "$path" ] && hidden "$path"; then
      say "unreadable $path"
    fi
  done
  [ "$#" -gt 0 ] || return 0
  flags=$(lsattr -d "$@" 2>/dev/null)
  sums=$(sha256sum "$@" 2>/dev/null)
  IFS=$newline
  for line in $flags; do
    case ${line%% *} in *[ia]*) say "immutable ${line#* }" ;; esac
  done
  for line in $sums; do
    say "sum $line"
    case $wanted in *"$newline$line$newline"*) ;; *) content "$line" ;; esac
  done
  IFS=" 	$newline"
}

# content LINE: of a file that differs, where there is room for it in the answer.
content() {
  name=${1#*  }
  case $1 in
    \\*)
      name=$(printf '%b_' "$name")
      name=${name%_}
      ;;
  esac
  size_of "$name" || return 0
  [ "$size" -le "$most_bytes" ] && [ "$size" -le "$room" ] || return 0
  room=$((room - size))
  say "content $1"
  base64 -w 0 "$name"
  say
}

# hidden PATH: whether it lies in a folder that this user may not look into, so that nobody knows if it is there.
hidden() {
  above=$1
  while above=${above%/*} && [ -n "$above" ]; do
    if [ -d "$above" ]; then
      ! [ -x "$above" ]
      return
    fi
  done
  return 1
}

# size_of PATH: sets size, as stat told it; the caller's IFS is a newline, and no path has one.
size_of() {
  for told in $stats; do
    case $told in
      *"	$1")
        told=${told#*	*	}
        size=${told%%	*}
        return 0
        ;;
    esac
  done
  return 1
}

look_at_machine
programs look_for
targets look_at_files
say end
