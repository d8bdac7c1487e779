import http.client
import select
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.server.serving import HOSTS

ROOT = Path(__file__).parents[2]


class Serving:
    """A server in its own process; `ask` is one request on a connection of its own."""

    def __init__(self, folder, web=None):
        self.folder = folder
        (folder / "inventory").mkdir(exist_ok=True)
        self.hosts = folder / "inventory" / "hosts.yaml"
        self.hosts.write_text(HOSTS)
        command = [sys.executable, "-m", "tests.server.serving", str(web or "-"), str(folder)]
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert select.select([self.process.stdout], [], [], 20)[0], self.log.read_text()
        self.host, _, port = self.process.stdout.readline().strip().rpartition(":")
        self.port = int(port or 0)
        assert self.port, self.log.read_text()

    def connect(self, context=None, timeout=15):
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout, **({"context": context} if context else {}))

    def ask(self, path, *, method="GET", headers=None, credential="", context=None, body=None):
        """Return status, headers and body."""
        sent = dict(headers or {})
        if credential:
            sent["Authorization"] = "Basic " + b64encode(credential.encode()).decode()
        connection = self.connect(context)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def open_files(self):
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def end(self, seconds=25):
        """End it as systemd does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A plain server that tests share; who changes it makes one of their own."""
    serving = Serving(tmp_path_factory.mktemp("server"))
    yield serving
    serving.close()


@pytest.fixture
def start(tmp_path):
    """Start a server with a web configuration in tmp_path."""
    started = []

    def start(web=None):
        started.append(Serving(tmp_path, web))
        return started[-1]

    yield start
    for serving in started:
        serving.close()
