"""What omc does on a host, through one `omc.ports.Shell`: look, change, confirm, put back, go on.

Each is one script in POSIX sh with coreutils and nothing else, its data on standard input, its answer in lines that
are parsed here. The scripts keep a journal and the old files under /var/lib/omc on the host, so that a run that was
cut off at any instant can be told, finished or put back by whoever comes next. Nothing here decides what should be.
"""
