"""What omc does on a host, on hosts that are real: file systems of their own, real shells, real faults."""
