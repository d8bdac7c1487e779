# One lock a machine. With flock it ends with the last process that works under it, however that ends; without, it is a
# symbolic link that names the process, and whoever finds that dead may break it, one at a time.
holder_file=$state/lock/holder

# read_holder: sets holder_run, holder_host, holder_actor, holder_since, holder_pid, holder_started, holder_boot.
read_holder() {
  if [ -L "$state/lock/held" ]; then
    holder=$(readlink "$state/lock/held")
  else
    holder=''
    [ ! -f "$holder_file" ] || read -r holder <"$holder_file" || :
  fi
  # shellcheck disable=SC2086 # the words of the line
  set -- $holder
  holder_run=${1-} holder_host=${2-} holder_actor=${3--} holder_since=${4--}
  holder_pid=${5-0} holder_started=${6--} holder_boot=${7--}
}

# The script runs in a subshell, of which $$ is the parent.
myself() {
  read -r pid _ 2>/dev/null </proc/self/stat || pid=$$
  identify "$pid"
  holder="$run $host $actor $since $pid ${started:--} $boot"
}

try_lock() {
  if [ -n "$flock" ]; then
    flock -n 9
    return
  fi
  ln -s "$holder" "$state/lock/held" 2>/dev/null && return 0
  read_holder
  [ -n "$holder_run" ] && [ "$holder_boot" != - ] && ! alive "$holder_pid" "$holder_started" "$holder_boot" || return 1
  # Only one process ever breaks the lock of this one, so that no lock which came after it is broken.
  mkdir "$state/lock/broken-$holder_pid-$holder_started-$holder_boot" 2>/dev/null || return 1
  rm -f "$state/lock/held"
  return 1
}

# take_lock SECONDS: a run's own other names and the host's timer wait for it, anybody else is told who has it.
take_lock() {
  [ -d "$state/pending" ] || mkdir -p "$state/lock" "$state/runs" "$state/pending" 2>/dev/null || { fail state_folder "cannot write $state"; return; }
  flock=''
  ! command -v flock >/dev/null || flock=yes
  [ -z "$flock" ] || command exec 9>>"$state/lock/mutex" || { fail state_folder "cannot write $state/lock"; return; }
  myself
  mine=$holder tries=0
  until holder=$mine; try_lock; do
    tries=$((tries + 1))
    read_holder
    most=$(($1 * 10))
    [ "$holder_run" = "$run" ] || [ "$most" -le 15 ] || [ -n "${patient-}" ] || most=15
    if [ "$tries" -gt "$most" ]; then
      say "lock ${holder_run:--} ${holder_host:--} $holder_actor $holder_since"
      fail locked ''
      return
    fi
    sleep 0.1
  done
  [ -z "$flock" ] || printf '%s\n' "$mine" >"$holder_file" 2>/dev/null
  locked=yes
}

leave_lock() {
  [ -n "${locked-}" ] || return 0
  locked=''
  if [ -n "$flock" ]; then
    empty "$holder_file"
    exec 9>&-
  else
    rm -f "$state/lock/held"
  fi
}
