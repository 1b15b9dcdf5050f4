"""ccplace-sync against a real Placement: what it writes, when, and what it leaves alone."""

import signal
import threading
import time
import unittest

import placement_client
import sync_case

KEYS = 63


class FirstSync(sync_case.SyncCase):
    def test_makes_the_child_in_few_requests(self):
        self.make_root()
        self.host.say(total=KEYS)
        self.start_sync()
        self.wait_for_keys(KEYS)
        self.assertLessEqual(len(self.requests()), self.first_sync_requests)
        child = self.child()
        self.assertEqual(child["parent_provider_uuid"], self.root)
        self.assertEqual(self.placement.traits(child["uuid"]), {self.trait})

    def test_is_found_by_exactly_the_query_of_a_scheduler(self):
        self.make_root()
        other = self.placement.create_compute_node(self.node + "-plain")
        self.host.say(total=KEYS)
        self.start_sync()
        self.wait_for_keys(KEYS)
        self.assertEqual(self.placement.candidate_hosts(self.query()), {self.root})
        self.assertNotEqual(other, self.root)

    def test_fits_63_domains_and_not_a_64th(self):
        self.make_root()
        self.host.say(total=KEYS)
        self.start_sync()
        self.wait_for_keys(KEYS)
        claims = [self.placement.claim(self.query()) for _ in range(KEYS + 1)]
        self.assertEqual([claim is None for claim in claims], [False] * KEYS + [True])

    def test_waits_for_nova_to_make_the_root_and_says_so(self):
        self.host.say()
        sync = self.start_sync()
        self.wait_for_log(sync, "waiting for nova")
        self.assertIn(self.node, sync.log())
        self.assertEqual(self.writes(), [])
        self.make_root()
        self.wait_for_keys(KEYS)

    def test_finds_a_root_of_another_name_by_its_uuid(self):
        self.make_root()
        self.host.say()
        self.start_sync("--root_name=no-such-node", f"--root_uuid={self.root.upper()}")
        self.wait_for_keys(KEYS)

    def test_writes_nothing_when_it_starts_anew_where_all_is_true(self):
        self.make_root()
        self.host.say()
        self.assertEqual(self.run_once("--once")[0], 0)
        before = len(self.requests())
        self.assertEqual(self.run_once("--once")[0], 0)
        again = self.requests()[before:]
        self.assertEqual([line for line in again if line["method"] != "GET"], [])
        self.assertLessEqual(len(again), 8)

    def test_tells_nothing_of_a_made_up_host(self):
        self.make_root()
        self.host.say(simulated=True)
        sync = self.start_sync()
        self.wait_for_log(sync, "made up by ccplaced --simulate")
        self.assertEqual(self.requests(), [])
        self.start_sync("--allow_simulated")
        self.wait_for_keys(KEYS)

    def test_explains_a_dry_run_and_writes_nothing(self):
        self.make_root()
        self.host.say(in_use=2)
        code, text, _ = self.run_once("--dry_run")
        self.assertEqual(code, 3)
        self.assertIn(f"1. Create '{self.child_name}'", text)
        self.assertIn("total 63, reserved 2", text)
        self.assertIn("2 in use that no allocation accounts for", text)
        self.assertEqual(self.writes(), [])
        self.run_once("--once")
        code, text, _ = self.run_once("--dry_run")
        self.assertEqual((code, "Nothing to write." in text), (0, True))


class ModuleLine(sync_case.SyncCase):
    """The custom trait of the TDX module's line, off unless asked for."""

    def traits(self):
        child = self.child()
        return child and self.placement.traits(child["uuid"])

    def wait_for_traits(self, *custom):
        sync_case.wait_for(f"traits {custom}", self.traits,
                           lambda traits: traits == {self.trait, *custom})

    def test_is_told_only_where_asked_for_and_taken_away_again(self):
        self.make_root()
        self.host.say(tdx_module="1.5.24")
        self.assertEqual(self.run_once("--once")[0], 0)
        self.assertEqual(self.traits(), {self.trait})
        self.assertEqual(self.run_once("--once", "--module_line_trait")[0], 0)
        self.assertEqual(self.traits(), {self.trait, "CUSTOM_CCPLACE_TDX_MODULE_1_5"})
        self.assertEqual(self.run_once("--once")[0], 0)
        self.assertEqual(self.traits(), {self.trait})

    def test_follows_the_host_and_stays_while_the_version_is_unknown(self):
        self.make_root()
        self.host.say(tdx_module="1.5.24")
        self.start_sync("--interval=1s", "--module_line_trait")
        self.wait_for_traits("CUSTOM_CCPLACE_TDX_MODULE_1_5")
        self.host.say(in_use=1)
        self.wait_for_keys(KEYS, 1)
        self.assertEqual(self.traits(), {self.trait, "CUSTOM_CCPLACE_TDX_MODULE_1_5"})
        self.host.say(tdx_module="2.0.14")
        self.wait_for_traits("CUSTOM_CCPLACE_TDX_MODULE_2_0")

    def test_can_be_required_and_forbidden_in_a_query(self):
        self.make_root()
        self.host.say(tdx_module="1.5.24")
        self.assertEqual(self.run_once("--once", "--module_line_trait")[0], 0)
        granular = ("resources=VCPU:1,MEMORY_MB:512&resources1=MEM_ENCRYPTION_CONTEXT:1"
                    f"&group_policy=none&required1={self.trait},")
        line = "CUSTOM_CCPLACE_TDX_MODULE_1_5"
        self.assertEqual(self.placement.candidate_hosts(granular + line), {self.root})
        self.assertEqual(self.placement.candidate_hosts(granular + "!" + line), set())


class Changes(sync_case.SyncCase):
    def synced(self, **state):
        self.make_root()
        self.host.say(**state)
        sync = self.start_sync("--interval=1s")
        self.wait_for_keys(state.get("total", KEYS), state.get("held_back", 0))
        return sync

    def allocate(self, amount):
        """Allocates `amount` keys. Their consumers."""
        return [self.placement.claim(self.query()) for _ in range(amount)]

    def test_costs_one_read_an_interval_and_no_write_in_a_steady_state(self):
        self.synced()
        looks = self.wait_for_looks(4)
        # From 0.9 s on is an interval. One look may have been held up on its way to the proxy.
        seconds = looks[-1]["start_s"] - looks[0]["start_s"]
        self.assertLessEqual(len(looks) - 1, seconds / 0.9 + 1, looks)
        self.assertEqual(
            [line for line in self.writes() if line["start_s"] > looks[0]["start_s"]], [])

    def test_reserves_a_key_that_is_gone_within_a_second(self):
        """Long before the next look, which is at least 54 s away. A busy machine may stop any one
        of the processes for longer than a second: the fastest of a few changes counts."""
        self.make_root()
        self.host.say()
        self.start_sync("--interval=60s")
        self.wait_for_keys(KEYS)
        seconds = []
        for in_use in (3, 0, 2, 0, 1, 0):
            started = time.monotonic()
            self.host.say(in_use=in_use)
            self.wait_for_keys(KEYS, in_use)
            seconds.append(time.monotonic() - started)
        self.assertLess(min(seconds), 1, seconds)

    def test_reserves_all_keys_of_a_host_that_withholds_them_and_frees_them_again(self):
        sync = self.synced()
        self.allocate(1)
        self.host.say(in_use=1, running=1, withheld="no guest can be attested")
        self.wait_for_keys(KEYS, KEYS)
        self.assertIn("withholds all of them: no guest can be attested", sync.log())
        self.assertIsNone(self.placement.claim(self.query()))
        self.host.say(in_use=1, running=1)
        self.wait_for_keys(KEYS, 0)

    def test_reserves_what_libvirt_runs_and_nova_never_allocated(self):
        self.synced()
        self.host.say(in_use=2, running=2)
        self.wait_for_keys(KEYS, 2)
        self.allocate(2)
        self.wait_for_keys(KEYS, 0)

    def test_reserves_nothing_for_a_guest_that_nova_allocated_first(self):
        """What is known of Placement is older than the allocation: a write on it is refused."""
        self.synced()
        self.allocate(1)
        before = len(self.writes())
        self.host.say(in_use=1, running=1)
        self.wait_for_looks(2)
        self.assertEqual(self.keys(), (KEYS, 0))
        self.assertEqual([line["status"] for line in self.writes()[before:]
                          if line["status"] != 409], [])

    def test_writes_a_burst_of_changes_few_times(self):
        sync = self.synced()
        before = len(self.writes())
        with sync.held_up():  # However slowly this machine says them.
            for in_use in range(1, 41):
                self.host.say(in_use=in_use)
        self.wait_for_keys(KEYS, 40)
        self.assertLessEqual(len(self.writes()) - before, 4)

    def test_keeps_the_total_of_a_shrink_below_what_is_allocated(self):
        sync = self.synced()
        consumers = self.allocate(20)
        self.host.say(total=10, in_use=20, running=20)
        self.wait_for_keys(KEYS, KEYS - 10)
        self.wait_for_log(sync, "overcommitted")
        for consumer in consumers[:15]:
            self.placement.release(consumer)
        self.host.say(total=10, in_use=5, running=5)
        self.wait_for_keys(10, 0)

    def test_closes_a_used_child_of_a_host_that_lost_the_ability_and_removes_it_later(self):
        sync = self.synced()
        consumers = self.allocate(2)
        self.host.say(support="UNSUPPORTED")
        self.wait_for_keys(KEYS, KEYS)
        self.wait_for_log(sync, "draining")
        self.assertIsNone(self.placement.claim(self.query()))
        for consumer in consumers:
            self.placement.release(consumer)
        sync_case.wait_for("removal of the child", self.child, lambda child: child is None)

    def test_removes_an_unused_child_and_makes_it_again_the_same(self):
        self.synced()
        child = self.child()["uuid"]
        self.host.say(support="UNSUPPORTED")
        sync_case.wait_for("removal of the child", self.child, lambda child: child is None)
        self.host.say()
        self.wait_for_keys(KEYS)
        self.assertEqual(self.child()["uuid"], child)

    def test_touches_nothing_while_the_host_does_not_know(self):
        self.synced()
        before = len(self.writes())
        self.host.say(support="UNKNOWN")
        self.wait_for_looks(2)
        self.assertEqual(self.keys(), (KEYS, 0))
        self.assertEqual(len(self.writes()), before)

    def test_makes_what_somebody_removed_again_once_and_then_when_it_is_told_to(self):
        sync = self.synced()
        self.placement.delete_provider(self.child()["uuid"])
        self.wait_for_log(sync, "removed_by_others")
        self.wait_for_keys(KEYS)
        self.placement.delete_provider(self.child()["uuid"])
        self.wait_for_log(sync, "so it is left alone")
        self.wait_for_looks(3)
        self.assertIsNone(self.child())
        sync.process.send_signal(signal.SIGHUP)
        self.wait_for_keys(KEYS)


class Neighbours(sync_case.SyncCase):
    def test_stands_back_from_novas_child_and_comes_back_when_it_is_gone(self):
        self.make_root()
        novas = self.placement.create_nova_child(self.root, self.child_name, 5, self.known_trait())
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_log(sync, "owned_by_nova")
        self.assertEqual(self.writes(), [])
        self.placement.delete_provider(novas)
        self.wait_for_keys(KEYS)

    def known_trait(self):
        if not self.placement.trait_exists(self.trait):
            self.placement.create_trait(self.trait)
        return self.trait

    def test_stands_back_once_nova_took_its_child_over(self):
        self.make_root()
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        child = self.child()["uuid"]
        self.placement.set_traits(child, [self.trait, "OWNER_NOVA"])
        self.host.say(in_use=7)
        self.wait_for_log(sync, "owned_by_nova")
        self.assertEqual(self.keys(), (KEYS, 0))
        self.placement.set_traits(child, [self.trait])
        self.wait_for_keys(KEYS, 7)

    def test_stands_back_from_a_child_that_somebody_else_made(self):
        self.make_root()
        foreign = self.placement.create_provider(self.child_name, self.root)
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_log(sync, "somebody else made it")
        self.assertEqual(self.writes(), [])
        self.placement.delete_provider(foreign)
        self.wait_for_keys(KEYS)

    def test_stands_back_from_a_name_that_is_taken_in_another_tree(self):
        self.make_root()
        foreign = self.placement.create_provider(self.child_name)
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_log(sync, f"{self.child_name}: foreign: ")
        self.assertEqual(self.child()["uuid"], foreign)
        self.placement.delete_provider(foreign)
        self.wait_for_keys(KEYS)

    def test_never_touches_the_root(self):
        self.make_root()
        before = (self.placement.inventories(self.root), self.placement.traits(self.root),
                  self.placement.generation(self.root))
        self.host.say(in_use=1)
        self.start_sync()
        self.wait_for_keys(KEYS, 1)
        self.assertEqual(before, (self.placement.inventories(self.root),
                                  self.placement.traits(self.root),
                                  self.placement.generation(self.root)))

    def test_keeps_traits_and_inventories_of_others_on_its_child(self):
        self.make_root()
        self.host.say()
        self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        child = self.child()["uuid"]
        self.placement.create_trait("CUSTOM_GOLD")
        self.placement.set_traits(child, ["CUSTOM_GOLD"])
        sync_case.wait_for("pair of traits", lambda: self.placement.traits(child),
                           lambda traits: traits == {"CUSTOM_GOLD", self.trait})
        inventories = self.placement.inventories(child)
        inventories["VGPU"] = inventories[placement_client.MEM_ENCRYPTION_CONTEXT]
        self.placement.set_inventories(child, inventories)
        self.host.say(in_use=1)
        self.wait_for_keys(KEYS, 1)
        self.assertIn("VGPU", self.placement.inventories(child))

    def test_loses_no_update_beside_a_writer_in_a_loop(self):
        self.make_root()
        self.host.say()
        self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        child = self.child()["uuid"]
        added = [f"CUSTOM_BESIDE_{number}" for number in range(25)]
        writer = threading.Thread(target=lambda: [self.add_trait(child, name) for name in added])
        writer.start()
        for in_use in range(1, 26):
            self.host.say(in_use=in_use)
            time.sleep(0.05)
        writer.join()
        self.wait_for_keys(KEYS, 25)
        self.assertEqual(self.placement.traits(child), {self.trait, *added})

    def add_trait(self, child, trait):
        self.placement.create_trait(trait)
        while True:
            try:
                generation = self.placement.generation(child)
                traits = self.placement.traits(child) | {trait}
                return self.placement.set_traits(child, traits, generation)
            except placement_client.Refused as refused:
                self.assertEqual(refused.status, 409)


class OnSid:
    suite = "sid"
    trait = sync_case.TDX_TRAIT
    first_sync_requests = 7


class OnBookworm:
    """os-traits without the TDX trait: a CUSTOM_ one stands for it, at the cost of a refusal, a
    question and a new trait."""

    suite = "bookworm"
    trait = "CUSTOM_" + sync_case.TDX_TRAIT
    first_sync_requests = 10


class SidFirstSyncTest(OnSid, FirstSync, unittest.TestCase):
    pass


class SidChangesTest(OnSid, Changes, unittest.TestCase):
    pass


class SidNeighboursTest(OnSid, Neighbours, unittest.TestCase):
    pass


class BookwormFirstSyncTest(OnBookworm, FirstSync, unittest.TestCase):
    def test_says_aloud_that_the_trait_is_not_known(self):
        self.make_root()
        self.host.say()
        sync = self.start_sync()
        self.wait_for_keys(KEYS)
        self.wait_for_log(sync, "--rename_traits=HW_CPU_X86_INTEL_TDX=CUSTOM_HW_CPU_X86_INTEL_TDX")


class BookwormNeighboursTest(OnBookworm, Neighbours, unittest.TestCase):
    pass
