"""`omc template` as a user runs it, on hosts with a real sshd."""
