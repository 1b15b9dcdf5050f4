"""Debian testing's own ccplaced and ccplacectl, built and run in the build root."""

import json
import signal
import subprocess
import unittest

import harness
from harness.daemon import Daemon

IN_BUILD_ROOT = harness.HERE / "host/in_build_root"
PRELOAD = harness.HERE / "preload/domain_capabilities_preload.c"


def build_programs():
    """Builds them there; SKIPPED where that cannot be."""
    done = subprocess.run([harness.HERE / "build_inside", "ccplaced", "ccplacectl"], check=False)
    if done.returncode == harness.SKIPPED:
        raise unittest.SkipTest("the build root cannot be used on this machine")
    if done.returncode != 0:
        raise AssertionError("ccplaced could not be built in Debian testing")


class ForkyDaemon(Daemon):
    """ccplaced in the build root, on `test:///default` there; a context manager.

    lab: whose kernel files it reads, and whose libvirt says what such a host can
    do; the test driver itself says that of none.
    """

    def __init__(self, lab):
        super().__init__(["--libvirt_uri=test:///default", "--host_root=/host",
                          "--node_name=forky", "--refresh_interval=1s"])
        self._host_root = lab.host_root
        self._capabilities = self.folder / "domain-capabilities.xml"
        self._capabilities.write_text(lab.virsh(
            "domcapabilities", "--virttype", "kvm", "--machine", "q35").stdout)
        self._preload = self.folder / "preload.so"

    def start(self):
        self.inside("cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o",
                    self._preload, f"/source/tests/lab/preload/{PRELOAD.name}")
        super().start()

    def _entering(self):
        return [str(IN_BUILD_ROOT), "--bind", f"{self._host_root}:/host",
                "--bind", f"{self.folder}:{self.folder}"]

    def inside(self, *command):
        """Runs a command in a build root of its own, where the daemon's folder is too."""
        return subprocess.run([*self._entering(), *command], capture_output=True, text=True,
                              check=True).stdout

    def ctl(self, *arguments):
        """What Debian testing's ccplacectl says in JSON."""
        return json.loads(self.inside("/build/client/ccplacectl", "-o", "json", "--address",
                                      f"unix:{self.socket}", *arguments))

    def command(self):
        return [*self._entering(), "env", f"LD_PRELOAD={self._preload}",
                f"CCPLACE_LAB_DOMAIN_CAPABILITIES={self._capabilities}", "/build/server/ccplaced"]

    def end(self, number):
        """Whole, at once: the first process of its namespace heeds nothing less."""
        del number
        return super().end(signal.SIGKILL)
