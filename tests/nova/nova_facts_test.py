"""What nova itself does with providers that ccplace-sync could make: what docs/nova.md rests on.
Without ccplace-sync."""

import unittest
import uuid

import nova_case

OWN_CLASS = "CUSTOM_CCPLACE_INTEL_TDX_KEY"
NOVAS_CLASS = "MEM_ENCRYPTION_CONTEXT"
TDX_TRAIT = "HW_CPU_X86_INTEL_TDX"


class NovaFactsTest(nova_case.NovaCase):
    def make_child(self, name, resource_class):
        """A child as ccplace-sync makes it. Its UUID."""
        self.placement.call("PUT", f"/resource_classes/{OWN_CLASS}")
        child = self.placement.create_provider(name, self.node_uuid)
        self.placement.set_inventories(child, {resource_class: {
            "total": 63, "reserved": 0, "min_unit": 1, "max_unit": 1, "step_size": 1,
            "allocation_ratio": 1.0}})
        self.placement.set_traits(child, [TDX_TRAIT])
        return child

    def allocate(self, child, resource_class):
        consumer = str(uuid.uuid4())
        self.placement.allocate(consumer, {child: {resource_class: 1}})
        return consumer

    def test_marks_its_roots(self):
        self.assert_well(self.nova(26).update(startup=True, sev=15))
        root = self.node_uuid
        self.assertIn("COMPUTE_NODE", self.placement.traits(root))
        self.assertNotIn("OWNER_NOVA", self.placement.traits(root))
        self.assertEqual(self.keys(self.node), (15, 0))

        self.assert_well(self.nova(34).update(startup=True, sev=15, tdx=63))
        self.assertLessEqual({"COMPUTE_NODE", "OWNER_NOVA"}, self.placement.traits(root))
        self.assertIsNone(self.keys(self.node))
        self.assertEqual(self.keys(f"{self.node}_amd_sev"), (15, 0))
        self.assertEqual(self.keys(self.novas_child), (63, 0))

    def test_leaves_a_child_of_another_name_and_class_alone(self):
        for release in (26, 34):
            nova = self.nova(release)
            self.assert_well(nova.update(startup=True, tdx=63))
            if release == 26:
                self.allocate(self.make_child(self.own_child, OWN_CLASS), OWN_CLASS)
            for found in (63, 0, 63):
                self.assert_well(nova.update(tdx=found))
                self.assert_well(nova.update(tdx=found, stale=True))
            nova.restart()
            self.assert_well(nova.update(startup=True, tdx=63))
            self.assertEqual(self.keys(self.own_child, OWN_CLASS), (63, 0))

    def test_34_adopts_a_child_of_its_name_and_keeps_what_is_allocated(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True))
        child = self.make_child(self.novas_child, NOVAS_CLASS)
        self.allocate(child, NOVAS_CLASS)
        self.assert_well(nova.update(tdx=63, stale=True))
        self.assertEqual(self.placement.provider(self.novas_child)["uuid"], child)
        self.assertIn("OWNER_NOVA", self.placement.traits(child))

    def test_34_deletes_a_child_of_its_name_once_its_cache_is_stale(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True))
        self.make_child(self.novas_child, NOVAS_CLASS)
        self.assert_well(nova.update())
        self.assertIsNotNone(self.placement.provider(self.novas_child))
        self.assert_well(nova.update(stale=True))
        self.assertIsNone(self.placement.provider(self.novas_child))

    def test_34_fails_at_each_update_where_it_cannot_delete(self):
        nova = self.nova(34)
        self.assert_well(nova.update(startup=True))
        consumer = self.allocate(self.make_child(self.novas_child, NOVAS_CLASS), NOVAS_CLASS)
        for _ in range(2):
            self.assertIn("ResourceProviderSyncFailed", str(nova.update(stale=True)["raised"]))
        self.placement.release(consumer)
        self.assert_well(nova.update(stale=True))
        self.assertIsNone(self.placement.provider(self.novas_child))

    def test_asks_for_a_child_that_is_gone_until_its_cache_is_stale(self):
        """Both of them: why a child of ours is emptied and not removed."""
        for release in (26, 34):
            self.node, self.node_uuid = f"{self.node}-{release}", str(uuid.uuid4())
            nova = self.nova(release)
            self.assert_well(nova.update(startup=True))
            child = self.make_child(f"{self.node}_of_others", OWN_CLASS)
            self.assert_well(nova.update(stale=True))
            self.placement.delete_provider(child)
            for _ in range(2):
                self.assertIn("ResourceProviderAllocationRetrievalFailed",
                              str(nova.update()["raised"]))
            self.assert_well(nova.update(stale=True))

    def test_deletes_children_of_others_with_the_service(self):
        nova = self.nova(26)
        self.assert_well(nova.update(startup=True))
        self.make_child(self.own_child, OWN_CLASS)
        self.assert_well(nova.delete_service())
        self.assertIsNone(self.placement.provider(self.own_child))
        self.assertIsNone(self.placement.provider(self.node))

    def test_keeps_the_root_of_a_deleted_service_where_a_child_is_used(self):
        nova = self.nova(26)
        self.assert_well(nova.update(startup=True))
        consumer = self.allocate(self.make_child(self.own_child, OWN_CLASS), OWN_CLASS)
        self.assertIsNone(nova.delete_service()["raised"])
        self.assertIsNotNone(self.placement.provider(self.node))
        new = self.nova(26, str(uuid.uuid4()))
        self.assertIn("Conflicting resource provider name", str(new.update(startup=True)))
        self.placement.release(consumer)
        nova.delete_service()
        self.assert_well(new.update(startup=True))


if __name__ == "__main__":
    unittest.main()
