"""Two ccplace-sync for one node, against a real Placement: they come to one, or one stands back."""

import os
import re
import signal
import unittest
import urllib.request

import sync_case

KEYS = 63
OTHER_KEYS = 7
STOOD_BACK = "overwritten_by_others"
QUIET_LOOKS = 8


class Pair(sync_case.SyncCase):
    """A second process, on its own machine or on the same."""

    def setUp(self):
        super().setUp()
        self.make_root()

    def other_host(self):
        """A machine that takes itself for the same node."""
        folder = os.path.join(self.folder, "other")
        os.mkdir(folder)
        host = sync_case.FakeHost(folder, self.node)
        self.addCleanup(host.close)
        return host

    def start_on(self, host, name):
        """A ccplace-sync with a log of its own."""
        sync = sync_case.Sync(host, os.path.join(self.folder, name), self.environment(),
                              "--interval=1s", "--metrics_address=127.0.0.1:0")
        self.syncs.append(sync)
        return sync

    def wait_for_one_tree(self):
        self.assertEqual(list(self.placement.tree(self.root)), [self.node, self.child_name])

    def wait_for_quiet(self):
        """Several looks of both without a write."""
        def looks_since_write():
            requests = self.requests()
            writes = [line["n"] for line in requests if line["method"] != "GET"]
            return sum(line["n"] > max(writes) for line in requests)
        # Each has two kinds of look, of one request each.
        sync_case.wait_for("quiet", looks_since_write, lambda looks: looks >= 2 * QUIET_LOOKS)


class SameHost(Pair):
    """Both ask one ccplaced, as where one is upgraded before the other is gone."""

    def test_two_that_start_at_once_make_one_child_and_then_are_quiet(self):
        self.host.say(total=KEYS)
        pair = [self.start_on(self.host, name) for name in ("first", "second")]
        self.wait_for_keys(KEYS)
        self.wait_for_quiet()
        self.wait_for_one_tree()
        self.assertEqual(self.keys(), (KEYS, 0))
        for sync in pair:
            self.assertIsNone(sync.process.poll())
            self.assertNotIn(STOOD_BACK, sync.log())

    def test_two_follow_every_change_and_none_stands_back(self):
        self.host.say(total=KEYS)
        pair = [self.start_on(self.host, name) for name in ("first", "second")]
        self.wait_for_keys(KEYS)
        for in_use in [*range(1, 20), 0, 5]:
            self.host.say(total=KEYS, in_use=in_use)
            self.wait_for_keys(KEYS, in_use)
        self.wait_for_quiet()
        self.assertEqual(self.keys(), (KEYS, 5))
        for sync in pair:
            self.assertNotIn(STOOD_BACK, sync.log())

    def test_one_takes_over_where_the_other_was_killed(self):
        self.host.say(total=KEYS)
        pair = [self.start_on(self.host, name) for name in ("first", "second")]
        self.wait_for_keys(KEYS)
        pair[0].process.kill()
        pair[0].process.wait()
        self.host.say(total=KEYS, in_use=4)
        self.wait_for_keys(KEYS, 4)


class OtherHost(Pair):
    """Each asks its own ccplaced, and the two differ: a cloned machine, a wrong --root_name."""

    def start_both(self):
        other = self.other_host()
        self.host.say(total=KEYS)
        other.say(total=OTHER_KEYS)
        return [self.start_on(self.host, "first"), self.start_on(other, "second")]

    def standing_back(self, pair):
        return [sync for sync in pair if STOOD_BACK in sync.log()]

    def metrics(self, sync):
        port = re.search(r"metrics on .*\(port (\d+)\)", sync.log()).group(1)
        url = f"http://127.0.0.1:{port}/metrics"
        with urllib.request.urlopen(url, timeout=sync_case.WAIT_S) as answer:
            return answer.read().decode()

    def test_one_stands_back_tells_so_and_writing_ends(self):
        pair = self.start_both()
        sync_case.wait_for("one that stands back", lambda: self.standing_back(pair))
        self.wait_for_quiet()
        back = self.standing_back(pair)
        self.assertEqual(len(back), 1)
        self.assertEqual(self.keys(), (KEYS if back[0] is pair[1] else OTHER_KEYS, 0))
        self.wait_for_one_tree()
        self.assertIn("reload ccplace-sync", back[0].log())
        metrics = self.metrics(back[0])
        self.assertIn(f'state="{STOOD_BACK}"}} 1', metrics)
        self.assertIn("ccplace_sync_overwritten_by_others_total 3", metrics)
        stays = next(sync for sync in pair if sync is not back[0])
        self.assertIn("somebody else changed what ccplace-sync had written", stays.log())

    def test_the_one_that_stood_back_writes_again_when_it_is_told_to(self):
        pair = self.start_both()
        back = sync_case.wait_for("one that stands back", lambda: self.standing_back(pair))[0]
        stays = next(sync for sync in pair if sync is not back)
        stays.process.terminate()
        stays.process.wait(sync_case.WAIT_S)
        back.process.send_signal(signal.SIGHUP)
        self.wait_for_keys(KEYS if back is pair[0] else OTHER_KEYS)

    def test_one_that_finds_no_ability_and_one_that_does_end_their_quarrel_too(self):
        other = self.other_host()
        self.host.say(total=KEYS)
        other.say(support="UNSUPPORTED")
        pair = [self.start_on(self.host, "first"), self.start_on(other, "second")]
        self.wait_for_log(pair[0], "so it is left alone")
        self.wait_for_quiet()
        self.assertIsNone(self.child())


class SidSameHostTest(SameHost, unittest.TestCase):
    suite = "sid"


class SidOtherHostTest(OtherHost, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
