"""Rules, dashboards and configurations in the hands of the real promtool, Prometheus and Alertmanager."""
