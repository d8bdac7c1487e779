"""The edges: each driver is the only place that imports its library, and fetches without thinking."""
