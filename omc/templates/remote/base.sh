# What every step shares. The head of the script has set state, run, host (both as folder names) and what the step needs.
set -u
umask 077
export LC_ALL=C PATH="${PATH-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
IFS=' 	
'
cd / || exit 1
# The change itself may cut the connection: the script goes on, and what it starts has the usual dispositions.
trap : HUP INT PIPE TERM

newline='
'
# Where a controller lives on the same machine, the folder belongs to its user, who must not hand files to root.
if [ -e "$state" ] && ! [ -O "$state" ]; then state=$state-host; fi
folder=$state/runs/$run/$host
code='' message='' number=0 step=''
selinux=${selinux-/sys/fs/selinux}

# A line that broke is no reason to fail: the host goes on without it.
say() { printf '%s\n' "$*" 2>/dev/null || :; }

# empty FILE: makes it, or empties it. Where the redirection of a special builtin fails, dash ends the script; `command` makes
# a plain one of it.
empty() { command : 2>/dev/null >"$1"; }

# text VALUE: free text for the answer, as one word.
text() { printf '%s' "$1" | base64 -w 0; }

# Seconds that no change of the clock disturbs.
now() {
  read -r uptime _ 2>/dev/null </proc/uptime || uptime=$(date +%s)
  uptime=${uptime%%.*}
}

read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || boot=-

# identify PID: sets started, which with the pid and the boot names one process for ever; "" where there is none.
identify() {
  started=''
  [ -e "/proc/$1/stat" ] || return 0
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
  stat=${stat##*) }
  # shellcheck disable=SC2086 # the words of the line
  set -- $stat
  started=${20}
}

# alive PID STARTED BOOT
alive() {
  [ "$3" = "$boot" ] || return 1
  identify "$1"
  [ -n "$started" ] && [ "$started" = "$2" ]
}

# fail CODE MESSAGE: what went wrong first; a step that failed says no more.
fail() {
  [ -n "$code" ] || code=$1 message=$2
  return 1
}

# fail_as MESSAGE: the code from what a program said.
fail_as() {
  case $1 in
    # dash's own printf says no more than "I/O error".
    *'No space left'* | *'Disk quota exceeded'* | *'File too large'* | *'printf: I/O error'*) fail disk_full "$1" ;;
    *'Read-only file system'*) fail read_only "$1" ;;
    *'Operation not permitted'*) fail immutable "$1" ;;
    *'Permission denied'*) fail permission "$1" ;;
    *'invalid user'* | *'invalid group'* | *'invalid spec'* | *'unknown user'* | *'unknown group'*) fail owner "$1" ;;
    *) fail failed "$1" ;;
  esac
}

# note WORD: the journal's next line. The line before it may be torn, if the machine lost its power there.
note() {
  now
  printf '\n%s %s\n' "$1" "$uptime" >>"$folder/journal"
}

# read_step FOLDER: sets step to the journal's last whole line, and reason to why it was put back.
read_step() {
  step='' reason=''
  [ -e "$1/journal" ] || return 0
  while read -r word _; do
    case $word in
      '') ;;
      restoring:*) step=restoring reason=${word#*:} ;;
      *) step=$word ;;
    esac
  done <"$1/journal"
}

# finish STATUS: the end of the answer and of the script.
finish() {
  for entry in "$state"/pending/*; do
    [ -f "$entry" ] || continue
    read -r _ _ _ token <"$entry"
    say "pending $token"
  done
  [ -z "$message" ] || message=$(text "$message")
  say "outcome $1 ${code:--} ${message:--}"
  leave_lock
  say end
  exit 0
}
