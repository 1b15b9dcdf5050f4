"""The whole chain: ccplaced --simulate, ccplace-sync, a real Placement, and ccplacectl's answers."""

import json
import os
import signal
import subprocess
import sys
import unittest
import uuid

import sync_case

sys.path.insert(0, os.path.join(sync_case.HERE, "..", "lab"))
from harness import daemon  # pylint: disable=wrong-import-position

os.environ["CCPLACED"] = os.path.join(sync_case.BUILD, "server", "ccplaced")
CCPLACECTL = os.path.join(sync_case.BUILD, "client", "ccplacectl")
EXAMPLES = os.path.join(sync_case.HERE, "..", "..", "examples")
KEYS = 63


class Chain(sync_case.SyncCase):
    ccplaced_flags = ()

    def setUp(self):
        super().setUp()
        self.host = self.enterContext(daemon.Daemon(
            ["--simulate", f"--node_name={self.node}", *self.ccplaced_flags]))

    def ctl(self, *arguments, codes=(0,), **environment):
        """ccplacectl's standard output; a failed test for an exit code not among `codes`."""
        result = subprocess.run(
            [CCPLACECTL, *arguments, f"--address=unix:{self.host.socket}"], text=True, timeout=30,
            capture_output=True, check=False, env={"PATH": os.environ["PATH"], **environment})
        self.assertIn(result.returncode, codes, result.stderr)
        return result.stdout

    def scheduling(self):
        """What `ccplacectl validate` says a scheduler should ask for."""
        answer = self.ctl("validate", "-o", "json",
                          "--flavor", os.path.join(EXAMPLES, "flavor-tdx.json"),
                          "--image", os.path.join(EXAMPLES, "image-tdx.json"))
        return json.loads(answer)["scheduling"]

    def synced(self):
        self.make_root()
        sync = self.start_sync("--allow_simulated", "--interval=1s")
        self.wait_for_keys(KEYS)
        return sync

    def test_alone_is_found_by_the_queries_that_ccplacectl_validate_prints(self):
        self.synced()
        self.make_neighbours()
        scheduling = self.scheduling()
        for query in ("allocation_candidates_query", "granular_query"):
            print(f"  ask  GET /allocation_candidates?{scheduling[query]}")
            found = self.placement.candidate_hosts(scheduling[query])
            print(f"  told {len(found)} of 4 hosts: "
                  f"{'the one with a free TDX key' if found == {self.root} else found}")
            self.assertEqual(found, {self.root}, scheduling[query])

    def make_neighbours(self):
        """Hosts that must not be found: without keys, with another model's, with none left."""
        self.add_neighbour("plain", None, 0)
        self.add_neighbour("sev", "HW_CPU_X86_AMD_SEV", 15)
        full = self.add_neighbour("full", self.trait, 1)
        self.placement.allocate(str(uuid.uuid4()), {full: {"MEM_ENCRYPTION_CONTEXT": 1}})

    def add_neighbour(self, name, trait, keys):
        """A compute node, and the provider of its keys where it has any: that one's uuid."""
        root = self.placement.create_compute_node(f"{self.node}-{name}")
        if trait is None:
            return None
        return self.placement.create_nova_child(root, f"{self.node}-{name}_keys", keys, trait)

    def test_shows_the_difference_until_it_is_written(self):
        self.make_root()
        diff = ("placement", "diff", "-o", "json")
        before = json.loads(self.ctl(*diff, codes=(1,), **self.environment()))
        self.assertEqual(len(before["steps"]), 3)
        self.assertEqual(self.writes(), [])
        self.start_sync("--allow_simulated")
        self.wait_for_keys(KEYS)
        after = json.loads(self.ctl(*diff, **self.environment()))
        self.assertEqual(after["steps"], [])
        rendered = json.loads(self.ctl("placement", "render", "-o", "json"))
        stands = self.placement.inventories(self.child()["uuid"])["MEM_ENCRYPTION_CONTEXT"]
        for name, value in rendered[0]["inventories"]["MEM_ENCRYPTION_CONTEXT"].items():
            self.assertEqual(stands[name], value, name)

    def test_reserves_the_key_of_a_trust_domain_that_nova_did_not_ask_for(self):
        self.synced()
        domain = os.path.join(EXAMPLES, "domain-tdx.json")
        self.ctl("define", domain, "--start")
        self.wait_for_keys(KEYS, 1)
        with open(domain, encoding="utf-8") as text:
            domain_uuid = json.load(text)["domain"]["uuid"]
        self.ctl("undefine", domain_uuid, "--stop")
        self.wait_for_keys(KEYS, 0)

    def test_follows_a_ccplaced_that_was_killed_and_started_again(self):
        sync = self.synced()
        self.host.end(signal.SIGKILL)
        self.wait_for_log(sync, "Placement keeps what it holds")
        self.placement.delete_provider(self.child()["uuid"])
        self.host.start()
        self.wait_for_keys(KEYS)


class SidChainTest(Chain, unittest.TestCase):
    suite = "sid"


class BookwormChainTest(Chain, unittest.TestCase):
    suite = "bookworm"
    trait = "CUSTOM_" + sync_case.TDX_TRAIT
    ccplaced_flags = ("--rename_traits=HW_CPU_X86_INTEL_TDX=CUSTOM_HW_CPU_X86_INTEL_TDX,"
                      "COMPUTE_SECURITY_STATELESS_FIRMWARE=",)

    def test_leaves_out_of_its_queries_what_placement_does_not_know_and_says_so(self):
        self.assertEqual(self.scheduling()["left_out_traits"],
                         ["COMPUTE_SECURITY_STATELESS_FIRMWARE"])
