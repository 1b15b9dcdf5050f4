"""ccplace-sync of today at a ccplaced of an earlier day (tests/support/older_contract.py), against a
real Placement."""

import os
import sys
import types
import unittest

import sync_case

sys.path[:0] = [os.path.join(sync_case.HERE, "..", folder) for folder in ("lab", "support")]
# pylint: disable=wrong-import-position
import older_contract
from harness import daemon
from harness.contract import v1
from harness.trust_domains import IMAGES, domain_request

os.environ["CCPLACED"] = os.path.join(sync_case.BUILD, "server", "ccplaced")
KEYS = 63


class SidOlderHostTest(sync_case.SyncCase, unittest.TestCase):
    suite = "sid"

    def setUp(self):
        super().setUp()
        self.today = self.enterContext(daemon.Daemon(["--simulate", f"--node_name={self.node}"]))
        channel = self.enterContext(daemon.open_channel(self.today.socket))
        older = self.enterContext(older_contract.OlderDaemon(
            older_contract.OlderContract(), channel, os.path.join(self.folder, "older.sock")))
        self.host = types.SimpleNamespace(socket=older.socket)
        self.make_root()

    def test_is_told_to_placement_as_it_changes(self):
        self.start_sync("--allow_simulated", "--interval=1s")
        self.wait_for_keys(KEYS)
        request = domain_request(f"{IMAGES}/demo.raw")
        request.start = True
        self.today.call("DefineTdxDomain", request)
        self.wait_for_keys(KEYS, 1)
        self.today.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=request.domain.uuid, stop=True))
        self.wait_for_keys(KEYS, 0)


if __name__ == "__main__":
    unittest.main()
