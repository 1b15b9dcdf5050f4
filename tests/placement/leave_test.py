"""`ccplacectl placement leave` against a real Placement, with everything that can come in between."""

import json
import os
import subprocess
import threading
import unittest
import uuid

import sync_case

CCPLACECTL = os.path.join(sync_case.BUILD, "client", "ccplacectl")
KEYS = 63
MODEL_KEYS = {"MEM_ENCRYPTION_CONTEXT": 1}
YES, NO, NO_ANSWER = 0, 1, 3


class Leave(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.make_root()
        self.host.say(total=KEYS)
        self.assertEqual(self.run_once("--once")[0], 0)
        self.child_uuid = self.child()["uuid"]

    def leave(self, *flags):
        """(exit code, the JSON that it prints, what it says beside)."""
        result = subprocess.run(
            [CCPLACECTL, "--output", "json", "placement", "leave", "--root-name", self.node,
             *flags], capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": os.environ["PATH"], **self.environment()})
        rows = json.loads(result.stdout) if result.stdout.strip() else None
        return result.returncode, rows, result.stderr

    def leave_while(self, method, meanwhile):
        """The same, with something done while its first request of that method is on its way."""
        self.proxy.add(kind="hold_before", method=method, path=self.child_uuid, times=1)
        answers = []
        leaving = threading.Thread(target=lambda: answers.append(self.leave()))
        leaving.start()
        sync_case.wait_for(f"a {method}", lambda: self.proxy.state()["held"])
        meanwhile()
        self.proxy.clear()
        leaving.join()
        return answers[0]

    def allocate(self):
        consumer = str(uuid.uuid4())
        self.placement.allocate(consumer, {self.child_uuid: MODEL_KEYS})
        return consumer

    def assert_gone(self):
        self.assertIsNone(self.child())
        self.assertEqual(set(self.placement.tree(self.root)), {self.node})

    def test_removes_the_child_and_leaves_the_root_as_it_was(self):
        before = self.placement.inventories(self.root), self.placement.traits(self.root)
        code, rows, _ = self.leave()
        self.assertEqual((code, [row["removed"] for row in rows]), (YES, [True]))
        self.assert_gone()
        self.assertEqual(before, (self.placement.inventories(self.root),
                                  self.placement.traits(self.root)))
        self.assertEqual(self.leave()[:2], (YES, []))

    def test_changes_nothing_while_a_key_is_allocated_and_names_the_consumer(self):
        consumer = self.allocate()
        code, rows, said = self.leave()
        self.assertEqual((code, rows[0]["consumers"]), (NO, [consumer]))
        self.assertIn("release or remove them", said)
        self.assertEqual(self.keys(), (KEYS, 0))
        self.placement.release(consumer)
        self.assertEqual(self.leave()[0], YES)
        self.assert_gone()

    def test_names_a_consumer_that_came_while_it_closed_and_changes_nothing(self):
        consumers = []
        code, rows, _ = self.leave_while("PUT", lambda: consumers.append(self.allocate()))
        self.assertEqual((code, rows[0]["consumers"]), (NO, consumers))
        self.assertEqual(self.keys(), (KEYS, 0))

    def test_lets_nobody_in_once_it_has_closed(self):
        query = f"resources=VCPU:1,MEM_ENCRYPTION_CONTEXT:1&required={self.trait}"
        found = []
        code, _, _ = self.leave_while(
            "DELETE", lambda: found.append(self.root in self.placement.candidate_hosts(query)))
        self.assertEqual((code, found), (YES, [False]))
        self.assert_gone()

    def test_says_what_is_closed_where_placement_fails_and_goes_on_when_asked_again(self):
        self.proxy.add(kind="status", method="DELETE", status=500)
        code, rows, said = self.leave()
        self.assertEqual(code, NO_ANSWER)
        self.assertEqual((rows[0]["closed"], rows[0]["removed"]), (True, False))
        self.assertIn("ask again to go on", said)
        self.assertEqual(self.keys(), (KEYS, KEYS))
        self.proxy.clear()
        self.assertEqual(self.leave()[0], YES)
        self.assert_gone()

    def test_is_undone_by_ccplace_sync_where_it_came_half_way(self):
        self.proxy.add(kind="status", method="DELETE", status=503)
        self.assertEqual(self.leave()[0], NO_ANSWER)
        self.proxy.clear()
        self.start_sync()
        self.wait_for_keys(KEYS)

    def test_changes_nothing_where_placement_fails_before_it_closes(self):
        self.proxy.add(kind="status", method="PUT", status=500)
        code, rows, said = self.leave()
        self.assertEqual((code, rows[0]["closed"]), (NO_ANSWER, False))
        self.assertNotIn("ask again to go on", said)
        self.assertEqual(self.keys(), (KEYS, 0))

    def test_finds_nothing_left_where_the_answer_to_the_removal_was_lost(self):
        self.proxy.add(kind="close_after", method="DELETE")
        self.leave()
        self.proxy.clear()
        self.assertEqual(self.leave()[:2], (YES, []))
        self.assert_gone()

    def test_waits_out_writers_beside_it(self):
        traits = iter(("CUSTOM_GOLD", "CUSTOM_SILVER"))

        def set_trait():
            name = next(traits)
            self.placement.create_trait(name)
            self.placement.set_traits(self.child_uuid, [self.trait, name])
        self.assertEqual(self.leave_while("PUT", set_trait)[0], YES)
        self.assert_gone()

    def test_changes_nothing_where_somebody_keeps_a_provider_below_the_child(self):
        below = self.placement.create_provider(f"{self.node}-below", self.child_uuid)
        code, rows, said = self.leave()
        self.assertEqual((code, rows[0]["closed"]), (NO, False))
        self.assertIn("providers below it", said)
        self.placement.delete_provider(below)
        self.assertEqual(self.leave()[0], YES)
        self.assert_gone()


class SidLeaveTest(Leave, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
