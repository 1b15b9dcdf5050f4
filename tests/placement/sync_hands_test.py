"""ccplace-sync, and people who change providers with their own hands."""

import unittest

import placement_client
import sync_case

KEYS = 63


class Hands(sync_case.SyncCase):
    def start(self, *flags):
        self.make_root()
        self.host.say(total=KEYS)
        sync = self.start_sync("--interval=1s", *flags)
        self.wait_for_keys(KEYS)
        return sync, self.child()["uuid"]

    def rename(self, provider, name):
        self.placement.call("PUT", f"/resource_providers/{provider}", {"name": name})

    def assert_quiet(self):
        """Three looks without a write."""
        before = len(self.writes())
        self.wait_for_looks(3)
        self.assertEqual(self.writes()[before:], [])

    def change(self, child, **figures):
        inventories = self.placement.inventories(child)
        inventories[placement_client.MEM_ENCRYPTION_CONTEXT].update(figures)
        self.placement.set_inventories(child, inventories)

    def test_says_that_its_child_was_renamed_and_how_to_name_it_back(self):
        for name in (f"{self.node}-rack7", "rack7_intel_tdx"):
            self.numbered_node()
            sync, child = self.start()
            self.rename(child, name)
            self.wait_for_log(sync, f"{self.child_name}: foreign: somebody renamed it '{name}'")
            self.assertIn(f"openstack resource provider set {child} --name {self.child_name}",
                          sync.log())
            self.wait_for_looks(3)
            self.assertEqual(set(self.placement.tree(self.root)), {self.node, name})
            self.rename(child, self.child_name)
            self.host.say(total=KEYS, in_use=2)
            self.wait_for_keys(KEYS, 2)

    def numbered_node(self):
        """Each name on a node of its own."""
        if self.root is None:
            return
        self.close_syncs()
        self.clear_tree()
        self.placement.delete_provider(self.root)

    def test_waits_for_a_root_that_was_renamed_and_goes_on_when_it_is_back(self):
        sync, child = self.start()
        self.rename(self.root, f"{self.node}-old")
        self.wait_for_log(sync, "waiting for nova")
        self.rename(self.root, self.node)
        self.host.say(total=KEYS, in_use=1)
        self.wait_for_keys(KEYS, 1)
        self.assertEqual(self.child()["uuid"], child)

    def test_keeps_an_aggregate_of_its_child(self):
        _, child = self.start()
        aggregate = "3dfd7fa1-8c1f-4b33-9d2b-6e0a1c1f2a01"
        self.placement.call("PUT", f"/resource_providers/{child}/aggregates", {
            "aggregates": [aggregate],
            "resource_provider_generation": self.placement.generation(child)})
        self.host.say(total=KEYS, in_use=1)
        self.wait_for_keys(KEYS, 1)
        self.assert_quiet()
        kept = self.placement.get(f"/resource_providers/{child}/aggregates")["aggregates"]
        self.assertEqual(kept, [aggregate])

    def test_sets_every_figure_back_that_a_person_changed_and_says_so(self):
        sync, child = self.start()
        for field, other in (("allocation_ratio", 2.0), ("max_unit", 8)):
            self.change(child, **{field: other})
            sync_case.wait_for(f"{field} to be set back", lambda field=field: (
                self.placement.inventories(child)[placement_client.MEM_ENCRYPTION_CONTEXT][field]),
                lambda value: value == 1)
        self.wait_for_log(sync, "somebody else changed what ccplace-sync had written")

    def test_leaves_figures_alone_that_a_person_changes_a_third_time(self):
        sync, child = self.start()
        for _ in range(2):
            self.change(child, reserved=5)
            self.wait_for_keys(KEYS, 0)
        self.change(child, reserved=5)
        self.wait_for_log(sync, "overwritten_by_others")
        self.assert_quiet()
        self.assertEqual(self.keys(), (KEYS, 5))

    def test_says_that_a_provider_below_its_child_keeps_it_from_being_removed(self):
        sync, child = self.start()
        below = self.placement.create_provider(f"{self.node}-below", child)
        self.host.say(support="UNSUPPORTED")
        self.wait_for_log(sync, "draining")
        self.assertEqual(self.keys(), (KEYS, KEYS))
        self.assert_quiet()
        self.placement.delete_provider(below)
        sync_case.wait_for("the child to go", lambda: self.child() is None)

    def test_ends_a_quarrel_over_a_trait_of_two_that_are_told_otherwise(self):
        self.make_root()
        self.host.say(total=KEYS, tdx_module="1.5.24")
        first = self.start_sync("--interval=1s", "--module_line_trait")
        second = sync_case.Sync(self.host, self.folder + "/second", self.environment(),
                                "--interval=1s")
        self.syncs.append(second)
        sync_case.wait_for("one that gives in", lambda: any(
            "overwritten_by_others" in sync.log() for sync in (first, second)))
        self.assert_quiet()


class SidHandsTest(Hands, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
