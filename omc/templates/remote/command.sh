# Commands of the site: validations, checks, handlers. Each has a time limit, no terminal, no input, and an output that is
# read to its end but kept only as far as its last 8 KiB.

# bounded SECONDS COMMAND…
bounded() {
  bound=$1
  shift
  umask 022
  if command -v timeout >/dev/null 2>&1; then
    timeout -k 5 "$bound" "$@"
    return
  fi
  if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi
  "$@" &
  child=$!
  (
    sleep "$bound"
    kill -TERM "-$child" || kill -TERM "$child"
    sleep 5
    kill -KILL "-$child" || kill -KILL "$child"
  ) >/dev/null 2>&1 &
  watch=$!
  wait "$child"
  ended=$?
  while [ "$ended" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
    wait "$child"
    ended=$?
  done
  kill "$watch" 2>/dev/null
  return "$ended"
}

# run_command SECONDS COMMAND…: sets status (124 where it was too slow) and output.
run_command() {
  now
  begin=$uptime seconds=$1
  status=125 output=''
  rm -f "$folder/pipe" "$folder/output"
  mkfifo "$folder/pipe" || return 0
  tail -c 8192 <"$folder/pipe" >"$folder/output" 2>/dev/null 9>&- &
  reader=$!
  (bounded "$@") </dev/null >"$folder/pipe" 2>&1 9>&-
  status=$?
  # A daemon that the command left behind may hold the pipe for ever.
  (
    sleep 1
    kill "$reader"
  ) </dev/null >/dev/null 2>&1 9>&- &
  watch=$!
  wait "$reader" 2>/dev/null
  kill "$watch" 2>/dev/null
  output=$(text_of "$folder/output")
  rm -f "$folder/pipe" "$folder/output"
  now
  case $status in 124 | 137 | 143) [ $((uptime - begin)) -lt "$seconds" ] || status=124 ;; esac
}

text_of() { if [ -s "$1" ]; then base64 -w 0 <"$1"; else printf '-'; fi; }
