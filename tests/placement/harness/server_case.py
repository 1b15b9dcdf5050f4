"""What a test case with servers of its own is made of."""

import http.client
import os
import shutil
import subprocess
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVERS = os.path.join(HERE, "servers")


class ServerCase:
    """A lab that lives as long as the case's class. Becomes a unittest.TestCase, and sets `suite`,
    in one subclass for each Debian suite."""

    suite = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = tempfile.mkdtemp(prefix="ccplace-servers-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)

    @classmethod
    def start(cls, service, *options, state="lab"):
        """Starts a server in state folder `state`. Returns its URL."""
        folder = os.path.join(cls.directory, state)
        cls.addClassCleanup(servers, "stop", service, "--state", folder)
        return start_server(service, cls.suite, folder, *options)

    @classmethod
    def settings(cls, login):
        """The OS_* variables of openrc.<login>, which is there once a Keystone is started."""
        path = os.path.join(cls.directory, "lab", f"openrc.{login}")
        with open(path, encoding="utf-8") as lines:
            pairs = (line.removeprefix("export ").strip().split("=", 1) for line in lines)
            return {name: value.strip("'") for name, value in pairs}


def start_server(service, suite, folder, *options):
    """Starts a server that ends with this process at the latest. Returns its URL."""
    started = time.monotonic()
    url = servers("start", service, "--suite", suite, "--state", folder, "--owner",
                  str(os.getpid()), *options).strip()
    seconds = time.monotonic() - started
    print(f"  {suite} {service} {' '.join(options)}: up in {seconds:.1f} s")
    return url


def servers(*arguments):
    """What `servers` prints; a failed test with its words when it fails."""
    result = subprocess.run([SERVERS, *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise AssertionError(f"servers {' '.join(arguments)}: {result.stderr}")
    return result.stdout


def connect(url):
    """An open HTTP connection to the server of `url`."""
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)


def ask(connection, method, path, body=None, **headers):
    """(status, headers, body bytes) of one request on an open connection."""
    connection.request(method, path, body, {"X-Auth-Token": "admin", **headers})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def server_processes(folder):
    """The pids of processes whose command line names `folder`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                found += [int(pid)] if folder.encode() in line.read() else []
        except OSError:
            pass
    return found
