"""What becomes of a host that nova and ccplace-sync both look after. docs/nova.md has the table."""

import unittest
import uuid

import nova_case

# What a nova before 32 asks for a server with hw:mem_encryption=true: no trait.
OLD_SEV_QUERY = "resources=VCPU:1,MEMORY_MB:512,MEM_ENCRYPTION_CONTEXT:1"
# What a flavor with resources:CUSTOM_CCPLACE_INTEL_TDX_KEY=1 makes of it.
OWN_CLASS_QUERY = "resources=VCPU:1,MEMORY_MB:512,CUSTOM_CCPLACE_INTEL_TDX_KEY:1"


class Nova26Test(nova_case.BesideCase):
    """Debian 12's, which can make no trust domain."""

    def start_both(self, *flags, **keys):
        nova = self.nova(26)
        self.assert_well(nova.update(startup=True, **keys))
        sync = self.start_sync(*flags)
        self.wait_for("our child", self.own_keys)
        return nova, sync

    def test_goes_on_beside_a_child_that_it_does_not_know(self):
        nova, _ = self.start_both()
        self.assert_well(nova.update())
        self.assert_well(nova.update(stale=True))
        nova.restart()
        self.assert_well(nova.update(startup=True))
        self.assertEqual(self.own_keys(), (63, 63))

    def test_places_no_sev_server_on_the_child_nor_one_that_names_its_class(self):
        self.start_both()
        root = self.placement.provider(self.node)["uuid"]
        for query in (OLD_SEV_QUERY, OWN_CLASS_QUERY):
            self.assertNotIn(root, self.placement.candidate_hosts(query))

    def test_offers_the_class_where_the_operator_says_so_and_still_not_to_sev(self):
        self.start_both("--offer_beside_old_nova")
        root = self.placement.provider(self.node)["uuid"]
        self.assertEqual(self.own_keys(), (63, 0))
        self.assertIn(root, self.placement.candidate_hosts(OWN_CLASS_QUERY))
        self.assertNotIn(root, self.placement.candidate_hosts(OLD_SEV_QUERY))

    def test_counts_its_own_sev_keys_alone(self):
        nova, _ = self.start_both(sev=15)
        self.assert_well(nova.update(sev=15, stale=True))
        self.assertEqual(self.keys(self.node), (15, 0))
        self.assertEqual(set(self.placement.tree(self.node_uuid)), {self.node, self.own_child})

    def test_goes_on_when_the_host_loses_tdx_and_finds_it_again(self):
        nova, sync = self.start_both()
        self.assert_well(nova.update(stale=True))
        self.host.say(support="UNSUPPORTED")
        self.wait_for("our child to be emptied", lambda: self.own_keys() is None)
        self.assert_well(nova.update())
        self.assert_well(nova.update(stale=True))
        self.host.say(total=63)
        self.wait_for("its keys again", self.own_keys, lambda keys: keys == (63, 63))
        self.assert_well(nova.update())
        self.assertNotIn("removed_by_others", sync.log())

    def test_takes_all_away_with_the_service_and_a_new_one_of_the_name_gets_its_child(self):
        nova, sync = self.start_both()
        self.assert_well(nova.delete_service())
        self.wait_for("the wait for nova", sync.log, lambda log: "waiting for nova" in log)
        self.assertIsNone(self.placement.provider(self.node))
        self.assertIsNone(self.placement.provider(self.own_child))
        new_uuid = str(uuid.uuid4())
        self.assert_well(self.nova(26, new_uuid).update(startup=True))
        self.wait_for("a child below the new root", lambda: self.placement.provider(
            self.own_child), lambda child: child and child["parent_provider_uuid"] == new_uuid)

    def test_leaves_a_root_behind_where_keys_are_allocated_and_releasing_them_is_the_way_out(self):
        nova, _ = self.start_both("--offer_beside_old_nova")
        consumer = str(uuid.uuid4())
        child = self.placement.provider(self.own_child)["uuid"]
        self.placement.allocate(consumer, {child: {"CUSTOM_CCPLACE_INTEL_TDX_KEY": 1}})
        nova.delete_service()
        self.assertIsNotNone(self.placement.provider(self.node))
        new = self.nova(26, str(uuid.uuid4()))
        self.assertIn("Conflicting resource provider name",
                      " ".join([*new.update(startup=True)["errors"], ""]))
        self.placement.release(consumer)
        self.assert_well(nova.delete_service())
        self.wait_for("the old root to go", lambda: self.placement.provider(self.node) is None)
        self.assert_well(new.update(startup=True))


class UpgradeTest(nova_case.BesideCase):
    """From nova 26 to nova 34."""

    def test_without_allocations_ends_with_novas_child_alone(self):
        self.assert_well(self.nova(26).update(startup=True))
        sync = self.start_sync()
        self.wait_for("our child", self.own_keys)
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        self.wait_for("our child to be emptied", lambda: self.own_keys() is None)
        self.assert_well(nova.update(tdx=63))
        self.assert_well(nova.update(tdx=63, stale=True))
        self.assert_well(nova.update(tdx=63))
        self.assertEqual(self.keys(self.novas_child), (63, 0))
        self.assertIn("owned_by_nova", sync.log())
        # Nothing is left once nova leaves.
        sync.close()
        self.assert_well(nova.delete_service())
        self.assertIsNone(self.placement.provider(self.own_child))
        self.assertIsNone(self.placement.provider(self.node))

    def test_leaves_nothing_behind_where_the_child_is_removed_while_nova_is_down(self):
        self.assert_well(self.nova(26).update(startup=True))
        sync = self.start_sync()
        self.wait_for("our child", self.own_keys)
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        self.wait_for("our child to be emptied", lambda: self.own_keys() is None)
        sync.close()
        self.placement.delete_provider(self.placement.provider(self.own_child)["uuid"])
        nova.restart()
        self.assert_well(nova.update(startup=True, tdx=63))
        self.assertEqual(set(self.placement.tree(self.node_uuid)), {self.node, self.novas_child})

    def test_with_an_allocation_closes_our_child_until_it_ends(self):
        self.assert_well(self.nova(26).update(startup=True))
        sync = self.start_sync("--offer_beside_old_nova")
        self.wait_for("our child", self.own_keys)
        consumer = str(uuid.uuid4())
        child = self.placement.provider(self.own_child)["uuid"]
        self.placement.allocate(consumer, {child: {"CUSTOM_CCPLACE_INTEL_TDX_KEY": 1}})
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        self.wait_for("our child to be closed", self.own_keys, lambda keys: keys == (63, 63))
        self.assert_well(nova.update(tdx=63, stale=True))
        self.assertIn("draining", sync.log())
        self.placement.release(consumer)
        self.wait_for("our child to be emptied", lambda: self.own_keys() is None)
        self.assert_well(nova.update(tdx=63))
        self.assert_well(nova.update(tdx=63, stale=True))


class Nova34Test(nova_case.BesideCase):
    """sid's, which makes children for trust domains."""

    def test_that_finds_tdx_is_left_alone(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        code, said = self.sync_once()
        self.assertEqual(code, 4, said)
        self.assertIn("owned_by_nova", said)
        self.assertIn("Nothing to write.", said)
        self.start_sync()
        self.assert_well(nova.update(tdx=63, stale=True))
        nova.restart()
        self.assert_well(nova.update(tdx=63, startup=True))
        self.assertEqual(self.keys(self.novas_child), (63, 0))

    def test_that_finds_no_tdx_gets_no_child_and_the_operator_a_reason(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True))
        sync = self.start_sync()
        self.wait_for("the reason", sync.log, lambda log: "nova_reports_less" in log)
        self.assertIn("cpu_mode", sync.log())
        self.assert_well(nova.update(stale=True))
        self.assertEqual(set(self.placement.tree(self.node_uuid)), {self.node})

    def test_that_loses_and_finds_tdx_again_is_left_alone(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        sync = self.start_sync()
        self.wait_for("a first round", sync.log, lambda log: "owned_by_nova" in log)
        # nova asks its host once: it is restarted each time.
        nova.restart()
        self.assert_well(nova.update(startup=True, stale=True))
        self.wait_for("the loss", sync.log, lambda log: "nova_reports_less" in log)
        self.assertIsNone(self.placement.provider(self.novas_child))
        nova.restart()
        self.assert_well(nova.update(startup=True, tdx=63, stale=True))
        self.assertEqual(self.keys(self.novas_child), (63, 0))

    def test_that_promises_keys_which_are_in_use_is_told_of_until_they_are_accounted_for(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        sync = self.start_sync()
        self.wait_for("a first round", sync.log, lambda log: "owned_by_nova" in log)
        # A server that was rebuilt into encryption: libvirt runs it, and Placement knows nothing.
        self.host.say(in_use=1, running=1)
        self.wait_for("the promise", sync.log, lambda log: "nova_promises_more" in log)
        self.assertIn("1 are in use and 0 allocated", sync.log())
        # It is migrated, and comes back.
        self.placement.allocate(str(uuid.uuid4()), {
            self.placement.provider(self.novas_child)["uuid"]: {"MEM_ENCRYPTION_CONTEXT": 1}})
        self.wait_for("the end of it", sync.log, lambda log: log.count("owned_by_nova") == 2)
        self.assert_well(nova.update(tdx=63))
        self.assertEqual(self.keys(self.novas_child), (63, 0))

    def test_that_claims_before_each_start_is_not_told_of(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True, tdx=63))
        sync = self.start_sync("--interval=300s")
        self.wait_for("a first round", sync.log, lambda log: "owned_by_nova" in log)
        child = self.placement.provider(self.novas_child)["uuid"]
        for running in range(1, 4):
            self.placement.allocate(str(uuid.uuid4()), {child: {"MEM_ENCRYPTION_CONTEXT": 1}})
            self.host.say(in_use=running, running=running)
        self.host.say(support="UNSUPPORTED")
        self.wait_for("the loss", sync.log, lambda log: "nova_promises_more" in log)
        self.assertEqual(sync.log().count("nova_promises_more"), 1)
        self.assertIn("when it started", sync.log())

    def test_adopts_a_child_of_a_host_that_had_no_nova(self):
        root = self.make_root_without_nova()
        sync = self.start_sync()
        self.wait_for("our child", lambda: self.keys(self.novas_child))
        before = self.placement.provider(self.novas_child)["uuid"]
        nova = self.nova(34, root)
        self.assert_well(nova.update(startup=True, tdx=63))
        self.wait_for("the adoption", sync.log, lambda log: "owned_by_nova" in log)
        self.assert_well(nova.update(tdx=63, stale=True))
        self.assertEqual(self.placement.provider(self.novas_child)["uuid"], before)
        self.assertIn("OWNER_NOVA", self.placement.traits(before))

    def test_that_removes_such_a_child_is_not_fought(self):
        root = self.make_root_without_nova()
        sync = self.start_sync()
        self.wait_for("our child", lambda: self.keys(self.novas_child))
        nova = self.nova(34, root)
        self.assert_well(nova.update(startup=True))
        self.wait_for("the reason", sync.log, lambda log: "nova_reports_less" in log)
        self.assert_well(nova.update(stale=True))
        self.assertIsNone(self.placement.provider(self.novas_child))

    def test_that_cannot_remove_such_a_child_can_once_its_keys_are_released(self):
        root = self.make_root_without_nova()
        sync = self.start_sync()
        self.wait_for("our child", lambda: self.keys(self.novas_child))
        consumer = str(uuid.uuid4())
        child = self.placement.provider(self.novas_child)["uuid"]
        self.placement.allocate(consumer, {child: {"MEM_ENCRYPTION_CONTEXT": 1}})
        nova = self.nova(34, root)
        # Known of nova: every update fails while a child that it wants to remove is used.
        self.assertIn("ResourceProviderSyncFailed", str(nova.update(startup=True)["raised"]))
        self.placement.release(consumer)
        self.assert_well(nova.update(startup=True, stale=True))
        self.wait_for("the reason", sync.log, lambda log: "nova_reports_less" in log)
        self.assertIsNone(self.placement.provider(self.novas_child))

    def make_root_without_nova(self):
        root = self.placement.create_compute_node(self.node)
        self.placement.set_traits(root, [])
        return root


if __name__ == "__main__":
    unittest.main()
