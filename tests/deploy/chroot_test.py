#!/usr/bin/python3
"""Without root nothing that needs a chroot is taken for passed: skipped, and in CI failed."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# Not by a user namespace: the kernel makes none in a chroot.
ENTER = f"""
import os, sys
sys.path.insert(0, {HERE!r})
import chroot
if os.geteuid() == 0:
    os.seteuid(65534)
chroot.enter_namespaces()
"""


class WithoutRootTest(unittest.TestCase):
    def enter(self, **environment):
        """enter_namespaces by somebody who is not root: the exit code and what it says."""
        done = subprocess.run(
            [sys.executable, "-B", "-c", ENTER], capture_output=True, text=True, timeout=60,
            check=False, env={"PATH": os.environ["PATH"], **environment})
        return done.returncode, done.stdout + done.stderr

    def test_is_skipped_on_a_machine_of_somebodys_own(self):
        code, said = self.enter()
        self.assertEqual((code, "SKIPPED: needs root" in said), (77, True), said)

    def test_fails_in_ci(self):
        code, said = self.enter(CI="true")
        self.assertEqual((code, "FAILED: needs root" in said), (1, True), said)


if __name__ == "__main__":
    unittest.main()
