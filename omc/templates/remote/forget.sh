# Drops handlers that are pending: what they would have told of is not told any more.
take_lock "$lock_seconds" || finish refused
for entry in "$state"/pending/*; do
  [ -f "$entry" ] || continue
  read -r _ _ _ token <"$entry"
  case " $tokens " in *" $token "*) rm -f "$entry" ;; esac
done
finish unchanged
