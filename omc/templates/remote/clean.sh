# Drops the old files of all runs but the last ones.
take_lock "$lock_seconds" || finish refused
clean_old
finish unchanged
