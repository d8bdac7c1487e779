"""The exporter's HTTP server over real sockets, and a real Prometheus that asks it."""
