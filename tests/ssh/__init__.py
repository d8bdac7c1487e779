"""The SSH driver against real sshd: logins, host keys, bastions, sudo, hosts that misbehave."""
