"""Programs of an earlier build and of this one, in every pairing, against a real Placement.

By hand, before a release: an earlier build costs more than a pass can give.

  CCPLACE_OLDER_BUILD=FOLDER tests/placement/sync_tests older_build
"""

import json
import os
import subprocess
import sys
import unittest
import unittest.mock

import sync_case

sys.path.insert(0, os.path.join(sync_case.HERE, "..", "lab"))
from harness import daemon  # pylint: disable=wrong-import-position

EXAMPLES = os.path.join(sync_case.HERE, "..", "..", "examples")
DOMAIN = os.path.join(EXAMPLES, "domain-tdx.json")
BUILDS = {"today": sync_case.BUILD, "older": os.environ["CCPLACE_OLDER_BUILD"]}
PAIRS = [(one, other) for one in BUILDS for other in BUILDS]
KEYS = 63


class Host(daemon.Daemon):
    """A simulated host of that build."""

    def __init__(self, build, node):
        super().__init__(["--simulate", f"--node_name={node}"])
        self._program = os.path.join(BUILDS[build], "server", "ccplaced")

    def command(self):
        return ["setpriv", "--pdeathsig", "KILL", self._program]


class SidMatrixTest(sync_case.SyncCase, unittest.TestCase):
    suite = "sid"

    def ctl(self, build, host, code, *arguments):
        """What that build's ccplacectl prints of the host; held to its exit code."""
        program = os.path.join(BUILDS[build], "client", "ccplacectl")
        run = subprocess.run([program, *arguments, "--address", f"unix:{host.socket}"],
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, code, f"{arguments}: {run.stdout}{run.stderr}")
        return run.stdout

    def example(self, what, kind):
        return [f"--{what}", os.path.join(EXAMPLES, f"{what}-{kind}.json")]

    def live(self, build, host):
        """Every question, and a domain's life."""
        with open(DOMAIN, encoding="utf-8") as file:
            uuid = json.load(file)["domain"]["uuid"]
        self.assertIn("SUPPORTED", self.ctl(build, host, 0, "doctor"))
        keys = json.loads(self.ctl(build, host, 0, "inventory", "-o", "json"))["keys"]
        self.assertEqual(keys["total"]["value"], str(KEYS))
        for kind, code in (("tdx", 0), ("five-faults", 1)):
            self.ctl(build, host, code, "validate", *self.example("flavor", kind),
                     *self.example("image", kind))
        self.ctl(build, host, 0, "define", "--dry-run", DOMAIN)
        for _ in range(2):
            self.ctl(build, host, 0, "define", "--start", DOMAIN)
        self.assertIn(uuid, self.ctl(build, host, 0, "list"))
        self.ctl(build, host, 0, "undefine", "--stop", uuid)
        self.assertNotIn(uuid, self.ctl(build, host, 0, "list"))

    def test_each_ccplacectl_at_each_ccplaced(self):
        for build, at in PAIRS:
            with self.subTest(ccplacectl=build, ccplaced=at), Host(at, self.node) as host:
                host.hang_up()
                self.live(build, host)
                print(f"  ccplacectl {build}, ccplaced {at}: every question, a domain's life")

    def test_each_ccplace_sync_at_each_ccplaced(self):
        self.make_root()
        for build, at in PAIRS:
            program = os.path.join(BUILDS[build], "client", "ccplace-sync")
            with self.subTest(ccplace_sync=build, ccplaced=at), Host(at, self.node) as host, \
                    unittest.mock.patch.object(sync_case, "SYNC", program):
                host.hang_up()
                self.follow(host)
                print(f"  ccplace-sync {build}, ccplaced {at}: told as it changes")

    def follow(self, host):
        self.host = host
        self.start_sync("--allow_simulated", "--interval=1s")
        self.wait_for_keys(KEYS, 0)
        self.ctl("today", host, 0, "define", "--start", DOMAIN)
        self.wait_for_keys(KEYS, 1)
        with open(DOMAIN, encoding="utf-8") as file:
            uuid = json.load(file)["domain"]["uuid"]
        self.ctl("today", host, 0, "undefine", "--stop", uuid)
        self.wait_for_keys(KEYS, 0)
        self.close_syncs()
        self.placement.delete_provider(self.child()["uuid"])


if __name__ == "__main__":
    unittest.main()
