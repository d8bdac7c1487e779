# Runs on its own, from the timer: nobody confirmed, so everything is put back. Who disarms it ends it, until it begins: one
# that only woke up early would put back what has been armed anew.
trap - TERM
sleep "$1"
patient=yes
take_lock 3600 || exit 1
trap : TERM
read_step "$folder"
if ! load; then exit 0; fi
case $step in
  '' | begun) abandon ;;
  placing | placed | waiting | restoring) give_back unconfirmed ;;
esac
leave_lock
