"""The file of `--web.config.file`: TLS, passwords, headers, a rate limit; the YAML of Prometheus's exporter-toolkit.

The same file works for both, with two differences: an unknown key and a value that Python cannot honour are refused,
with file and line; and a changed file with a mistake in it leaves the last good one in force. It does not serve HTTP.
"""

from omc.exporters.webconfig.entities import TlsConfig, WebConfig
from omc.exporters.webconfig.passwords import Passwords
from omc.exporters.webconfig.read import read_web_config
from omc.exporters.webconfig.watch import Loaded, WebFile

__all__ = ["Loaded", "Passwords", "TlsConfig", "WebConfig", "WebFile", "read_web_config"]
