"""ccplace-sync when Placement fails, and when it is killed itself between two writes."""

import signal
import time
import unittest

import sync_case

KEYS = 63
IN_USE = 2
HTTP_TIMEOUT_S = 30  # ccplace-sync's own; a stop that waits for it takes that long.


class Faults(sync_case.SyncCase):
    """Each fault hits a running ccplace-sync; once it is gone Placement must hold the latest."""

    def converges_after(self, **fault):
        """Applies a fault, changes the host, lifts the fault; whether the change arrives."""
        self.make_root()
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        self.proxy.add(**fault)
        for in_use in (5, 4, IN_USE):
            self.host.say(in_use=in_use)
            time.sleep(0.3)
        sync_case.wait_for("request that the fault hit", self.requests,
                           lambda requests: any(request["fault"] for request in requests))
        self.proxy.clear()
        self.wait_for_keys(KEYS, IN_USE)
        self.assertIsNone(sync.process.poll())
        self.assertEqual(list(self.tree()), [self.node, self.child_name])
        return sync

    def tree(self):
        return self.placement.tree(self.root)

    def test_outlives_500(self):
        sync = self.converges_after(kind="status", status=500)
        self.wait_for_log(sync, "answered 500")

    def test_outlives_html_in_place_of_json(self):
        self.converges_after(kind="status", status=503, body="<html>Unavailable</html>")

    def test_outlives_an_answer_that_is_not_as_documented(self):
        self.converges_after(kind="status", status=200, body=["nothing", 1])

    def test_outlives_401(self):
        self.converges_after(kind="status", status=401)

    def test_outlives_406(self):
        self.converges_after(kind="status", status=406)

    def test_outlives_a_slow_server(self):
        self.converges_after(kind="slow", seconds=0.5)

    def test_outlives_connections_that_close_before_the_write(self):
        self.converges_after(kind="close_before")

    def test_outlives_writes_that_are_done_and_never_answered(self):
        self.converges_after(kind="close_after", method="PUT")

    def test_outlives_connections_that_close_unannounced(self):
        self.converges_after(kind="close_silently")

    def test_outlives_a_server_that_is_down(self):
        self.make_root()
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        self.proxy.refuse()
        for in_use in range(200):
            self.host.say(in_use=in_use % 7)
        self.host.say(in_use=IN_USE)
        self.wait_for_log(sync, "Failed to connect")  # As libcurl says it.
        self.proxy.clear()
        self.wait_for_keys(KEYS, IN_USE)
        self.assertIsNone(sync.process.poll())

    def test_stops_at_once_while_placement_hangs(self):
        self.make_root()
        self.host.say()
        self.proxy.add(kind="hold_before")
        sync = self.start_sync()
        sync_case.wait_for("request that hangs", lambda: self.proxy.state()["held"])
        begin = time.monotonic()
        sync.process.send_signal(signal.SIGTERM)
        self.assertEqual(sync.process.wait(timeout=HTTP_TIMEOUT_S + sync_case.WAIT_S), 0)
        self.assertLess(time.monotonic() - begin, HTTP_TIMEOUT_S / 2)

    def test_backs_off_while_it_fails(self):
        self.make_root()
        self.host.say()
        self.proxy.add(kind="status", status=500)
        self.start_sync("--most_retry=2s")
        sync_case.wait_for("requests for four seconds", self.times_of_requests,
                           lambda times: times and times[-1] - times[0] > 4)
        times = self.times_of_requests()
        self.assertLessEqual(sum(time_s - times[0] <= 4 for time_s in times), 8)

    def times_of_requests(self):
        return [line["start_s"] for line in self.requests()]

    def test_keeps_what_stands_when_ccplaced_goes(self):
        self.make_root()
        self.host.say()
        sync = self.start_sync("--interval=1s")
        self.wait_for_keys(KEYS)
        before = len(self.writes())
        self.host.close()
        self.wait_for_log(sync, "Placement keeps what it holds")
        self.wait_for_looks(2)
        self.assertEqual(self.keys(), (KEYS, 0))
        self.assertEqual(len(self.writes()), before)


class Kills(sync_case.SyncCase):
    """kill -9 at each request in turn, before it reached Placement and after. A restart must
    converge on the one tree that an undisturbed run makes."""

    def kill_everywhere(self, prepare, check):
        for kind in ("kill_before", "kill_after"):
            number = 1
            while self.killed_at(number, kind, prepare, check):
                number += 1
            self.assertGreater(number, 3)

    def killed_at(self, number, kind, prepare, check):
        """One round. Whether there was a request of that number to be killed at."""
        if self.root is not None:
            self.clear_tree()
            self.placement.delete_provider(self.root)
        self.root = self.placement.create_compute_node(self.node)
        prepare()
        first = self.proxy.state()["requests"] + number
        sync = self.start_sync(stopped=True)
        self.proxy.add(kind=kind, nth=first, pid=sync.process.pid)
        sync.process.send_signal(signal.SIGCONT)
        sync_case.wait_for("end or work of it",
                           lambda: sync.process.poll() is not None or check())
        killed = self.proxy.state()["requests"] >= first
        if killed:
            self.assertEqual(sync.process.wait(sync_case.WAIT_S), -signal.SIGKILL)
        sync.close()
        self.proxy.clear()
        self.start_sync()
        sync_case.wait_for("tree after a restart", check)
        self.close_syncs()
        self.assertLessEqual(set(self.placement.tree(self.root)), {self.node, self.child_name})
        return killed

    def test_converges_on_a_new_child(self):
        self.addCleanup(self.clear_tree)
        self.kill_everywhere(lambda: self.host.say(in_use=IN_USE),
                             lambda: self.keys() == (KEYS, IN_USE) and self.has_trait())

    def test_converges_on_changed_figures(self):
        self.addCleanup(self.clear_tree)

        def prepare():
            self.host.say()
            self.assertEqual(self.run_once("--once")[0], 0)
            self.host.say(in_use=IN_USE)
        self.kill_everywhere(prepare, lambda: self.keys() == (KEYS, IN_USE))

    def test_converges_on_a_removed_child(self):
        self.addCleanup(self.clear_tree)

        def prepare():
            self.host.say()
            self.assertEqual(self.run_once("--once")[0], 0)
            self.host.say(support="UNSUPPORTED")
        self.kill_everywhere(prepare, lambda: self.child() is None)

    def has_trait(self):
        return self.trait in self.placement.traits(self.child()["uuid"])


class SidFaultsTest(Faults, unittest.TestCase):
    suite = "sid"


class SidKillsTest(Kills, unittest.TestCase):
    suite = "sid"


class BookwormKillsTest(Kills, unittest.TestCase):
    suite = "bookworm"
    trait = "CUSTOM_" + sync_case.TDX_TRAIT
    test_converges_on_changed_figures = None  # The writes are those of the other suite.
    test_converges_on_a_removed_child = None
