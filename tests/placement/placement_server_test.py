"""What the tests of ccplace-sync rely on in the real Placement of each suite."""

import os
import signal
import ssl
import subprocess
import sys
import threading
import unittest
import urllib.error
import urllib.request

import placement_client
import server_case

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import waiting  # pylint: disable=wrong-import-position

QUERY = "resources=VCPU:1,MEMORY_MB:512,MEM_ENCRYPTION_CONTEXT:1&required={trait}"
GRANULAR_QUERY = ("resources=VCPU%3A1%2CMEMORY_MB%3A512&resources_KEY=MEM_ENCRYPTION_CONTEXT%3A1"
                  "&required_KEY={trait}&group_policy=none")
KEYS = 63
WAIT_S = 45


class PlacementCase(server_case.ServerCase):
    trait = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = cls.start("placement")
        cls.placement = placement_client.PlacementClient(cls.url)
        if cls.trait.startswith("CUSTOM_"):
            cls.placement.create_trait(cls.trait)

    def make_host(self, name, keys=None):
        """A compute node's root, with a child that offers `keys` unless None. The root's uuid."""
        root = self.placement.create_compute_node(name)
        if keys is not None:
            self.placement.create_nova_child(root, f"{name}_intel_tdx", keys, self.trait)
        return root

    def query(self):
        return QUERY.format(trait=self.trait)

    def test_finds_exactly_the_hosts_with_free_keys_and_the_trait(self):
        able = self.make_host("able", keys=2)
        self.make_host("plain")
        self.assertEqual(self.placement.candidate_hosts(self.query()), {able})
        self.placement.delete_provider(self.placement.provider("able_intel_tdx")["uuid"])

    def test_finds_the_same_host_with_the_key_in_a_group_of_its_own(self):
        able = self.make_host("granular", keys=2)
        self.make_host("without")
        query = GRANULAR_QUERY.format(trait=self.trait)
        self.assertEqual(self.placement.candidate_hosts(query), {able})
        self.placement.delete_provider(self.placement.provider("granular_intel_tdx")["uuid"])

    def test_finds_a_trait_of_the_root_beside_the_key_of_the_child(self):
        able = self.make_host("both", keys=2)
        query = self.query() + ",COMPUTE_SECURITY_UEFI_SECURE_BOOT"
        self.assertEqual(self.placement.candidate_hosts(query), {able})
        self.placement.delete_provider(self.placement.provider("both_intel_tdx")["uuid"])

    def test_fits_63_domains_and_finds_nothing_for_the_64th(self):
        self.make_host("full", keys=KEYS)
        claims = [self.placement.claim(self.query()) for _ in range(KEYS + 1)]
        self.assertEqual(claims.count(None), 1)
        self.assertIsNone(claims[-1])
        child = self.placement.provider("full_intel_tdx")["uuid"]
        self.assertEqual(self.placement.usages(child)["MEM_ENCRYPTION_CONTEXT"], KEYS)
        for consumer in claims[:-1]:
            self.placement.release(consumer)
        self.placement.delete_provider(child)

    def test_refuses_a_write_with_a_stale_generation(self):
        root = self.make_host("stale")
        with self.assertRaises(placement_client.Refused) as caught:
            self.placement.set_traits(root, [], generation=0)
        self.assertEqual((caught.exception.status, caught.exception.code),
                         (409, "placement.concurrent_update"))

    def test_refuses_to_drop_an_inventory_in_use(self):
        self.make_host("used", keys=1)
        child = self.placement.provider("used_intel_tdx")["uuid"]
        consumer = placement_client.uuid.uuid4()
        self.placement.allocate(consumer, {child: {"MEM_ENCRYPTION_CONTEXT": 1}})
        with self.assertRaises(placement_client.Refused) as caught:
            self.placement.set_inventories(child, {})
        self.assertEqual((caught.exception.status, caught.exception.code),
                         (409, "placement.inventory.inuse"))

    def test_loses_no_update_of_two_writers_that_retry(self):
        root = self.make_host("contended")
        threads = [threading.Thread(target=self.add_traits, args=(root, name)) for name in "AB"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expected = {f"CUSTOM_{name}_{number}" for name in "AB" for number in range(10)}
        self.assertLessEqual(expected, self.placement.traits(root))

    def add_traits(self, root, name):
        for number in range(10):
            trait = f"CUSTOM_{name}_{number}"
            self.placement.create_trait(trait)
            while not self.add_trait(root, trait):
                pass

    def add_trait(self, root, trait):
        generation = self.placement.generation(root)
        traits = self.placement.traits(root) | {trait}
        try:
            self.placement.set_traits(root, traits, generation)
        except placement_client.Refused as refused:
            self.assertEqual(refused.status, 409)
            return False
        return True

    def test_answers_406_to_a_microversion_too_new(self):
        version = {"OpenStack-API-Version": "placement 1.99"}
        status, _, _ = server_case.ask(server_case.connect(self.url), "GET", "/traits", **version)
        self.assertEqual(status, 406)

    def test_keeps_port_and_providers_over_a_restart(self):
        url = self.start("placement", state="restarted")
        root = placement_client.PlacementClient(url).create_provider("lasting")
        folder = os.path.join(self.directory, "restarted")
        server_case.servers("stop", "placement", "--state", folder)
        self.assertEqual(self.start("placement", state="restarted"), url)
        self.assertEqual(placement_client.PlacementClient(url).provider("lasting")["uuid"], root)

    def test_closes_connections_unannounced_behind_uwsgi(self):
        connection = server_case.connect(self.start("placement", "--front", "uwsgi", state="uwsgi"))
        status, headers, _ = server_case.ask(connection, "GET", "/")
        self.assertEqual((status, headers["Connection"]), (200, None))
        with self.assertRaises((server_case.http.client.RemoteDisconnected, ConnectionError)):
            server_case.ask(connection, "GET", "/")

    def test_wants_a_client_certificate_with_mutual_tls(self):
        url = self.start("placement", "--tls", "mutual", state="tls")
        tls = os.path.join(self.directory, "tls", "tls")
        context = ssl.create_default_context(cafile=os.path.join(tls, "ca.crt"))
        with self.assertRaises(OSError):
            urllib.request.urlopen(url, timeout=10, context=context).read()
        context.load_cert_chain(os.path.join(tls, "client.crt"), os.path.join(tls, "client.key"))
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            self.assertEqual(answer.status, 200)

    def test_leaves_nothing_when_its_owner_is_killed(self):
        folder = os.path.join(self.directory, "orphan")
        with subprocess.Popen(["sleep", "60"]) as owner:
            url = server_case.servers("start", "placement", "--suite", self.suite, "--state",
                                      folder, "--owner", str(owner.pid)).strip()
            owner.send_signal(signal.SIGKILL)
        waiting.wait_for("end of the server", lambda: server_case.server_processes(folder), WAIT_S,
                         lambda processes: not processes)
        with self.assertRaises(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5)


class BookwormPlacementTest(PlacementCase, unittest.TestCase):
    suite = "bookworm"
    trait = "CUSTOM_HW_CPU_X86_INTEL_TDX"

    def test_does_not_know_the_tdx_trait_nor_lets_it_be_made(self):
        self.assertFalse(self.placement.trait_exists("HW_CPU_X86_INTEL_TDX"))
        self.assertEqual(self.placement.request("PUT", "/traits/HW_CPU_X86_INTEL_TDX")[0], 400)

    def test_refuses_a_query_with_a_trait_it_does_not_know(self):
        query = self.query() + ",COMPUTE_SECURITY_STATELESS_FIRMWARE"
        path = f"/allocation_candidates?{query}"
        self.assertEqual(self.placement.request("GET", path)[0], 400)


class SidPlacementTest(PlacementCase, unittest.TestCase):
    suite = "sid"
    trait = "HW_CPU_X86_INTEL_TDX"

    def test_knows_the_tdx_trait(self):
        self.assertTrue(self.placement.trait_exists("HW_CPU_X86_INTEL_TDX"))
