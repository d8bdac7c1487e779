"""The role of those who only read, on PostgreSQL."""

READER_ROLE = "omc_reader"
"""Where this role exists, `omc store upgrade` grants it SELECT on the views."""
