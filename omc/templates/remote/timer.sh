# The dead man's switch of --confirm: a process of the host itself that outlives the connection and the login session.

# arm: the script that puts everything back is in the run's folder; systemd starts it where it runs, else it sleeps itself.
arm() {
  [ "$confirm_seconds" -gt 0 ] || return 0
  now
  printf '%s %s\n' "$((uptime + confirm_seconds))" "$boot" >"$folder/until"
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
    systemd-run --quiet --collect --unit="$unit" --on-active="$confirm_seconds" --timer-property=AccuracySec=100ms \
      /bin/sh "$folder/revert.sh" 0 </dev/null >/dev/null 2>&1 9>&- && return 0
  fi
  detacher='nohup'
  if command -v setsid >/dev/null; then detacher='setsid'; fi
  # What it says comes from the process that nothing of this one's takes along any more.
  # shellcheck disable=SC2016 # the other shell's own
  timer=$("$detacher" sh -c 'echo "$$"; exec sh "$0" "$1" >/dev/null' "$folder/revert.sh" "$confirm_seconds" \
    </dev/null 2>/dev/null 9>&- &)
  identify "${timer:-0}"
  printf '%s %s %s\n' "${timer:-0}" "${started:--}" "$boot" >"$folder/timer"
  [ -n "$timer" ] && kill -0 "$timer" 2>/dev/null || fail timer "cannot start the timer that would put everything back"
}

# disarm: ends the timer, also one that waits for the lock already; the timer itself is `patient`.
disarm() {
  [ -z "${patient-}" ] && [ -e "$folder/until" ] || return 0
  rm -f "$folder/until"
  [ ! -d /run/systemd/system ] || systemctl stop "$unit.timer" "$unit.service" >/dev/null 2>&1
  [ -f "$folder/timer" ] || return 0
  read -r pid born at <"$folder/timer"
  rm -f "$folder/timer"
  if alive "$pid" "$born" "$at"; then kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid"; fi
}

# armed: sets left_seconds; false where the timer is gone, as after a restart of the machine.
armed() {
  left_seconds=-
  [ -f "$1/until" ] || return 1
  read -r until at <"$1/until"
  now
  [ "$at" = "$boot" ] && [ $((until - uptime)) -gt -60 ] && left_seconds=$((until - uptime))
}
