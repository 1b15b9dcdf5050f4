"""Debian testing's own ccplaced and ccplacectl, built and run in the build root."""

import json
import pathlib
import signal
import subprocess
import unittest

import harness
from harness.daemon import Daemon

IN_BUILD_ROOT = harness.HERE / "host/in_build_root"


def build_programs():
    """Builds them there; SKIPPED where that cannot be."""
    done = subprocess.run([harness.HERE / "build_inside", "ccplaced", "ccplacectl"], check=False)
    if done.returncode == harness.SKIPPED:
        raise unittest.SkipTest("the build root cannot be used on this machine")
    if done.returncode != 0:
        raise AssertionError("ccplaced could not be built in Debian testing")


class ForkyDaemon(Daemon):
    """ccplaced in the build root, on a lab's host; a context manager."""

    def __init__(self, lab):
        super().__init__([f"--libvirt_uri={lab.uri}", "--host_root=/host", "--node_name=forky",
                          "--refresh_interval=1s"])
        self._host_root = lab.host_root
        self._sockets = pathlib.Path(lab.uri.partition("socket=")[2]).parent

    def _entering(self):
        return [str(IN_BUILD_ROOT), "--bind", f"{self._host_root}:/host",
                "--bind", f"{self._sockets}:{self._sockets}",
                "--bind", f"{self.folder}:{self.folder}"]

    def ctl(self, *arguments):
        """What Debian testing's ccplacectl says in JSON."""
        done = subprocess.run(
            [*self._entering(), "/build/client/ccplacectl", "-o", "json", "--address",
             f"unix:{self.socket}", *arguments], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def command(self):
        return [*self._entering(), "/build/server/ccplaced"]

    def end(self, number):
        """Whole, at once: the first process of its namespace heeds nothing less."""
        del number
        return super().end(signal.SIGKILL)
