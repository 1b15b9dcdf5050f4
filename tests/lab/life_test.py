#!/usr/bin/python3
"""A trust domain's whole life, with success: ccplaced built and run in Debian testing,
on libvirt's own in-process driver, which starts trust domains from 11.6 on.

No guest runs there. What is shown is the daemon with a libvirt that starts what it is
given; the kernel's count of keys is set by hand, as starts would set it.
"""

import unittest

import harness
from harness.contract import v1
from harness.forky_daemon import ForkyDaemon, build_programs
from harness.trust_domains import copy_of, domain_request, make_disk


class WholeLife(unittest.TestCase):
    """Define, start, list, count, stop, remove: each test leaves nothing behind."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        build_programs()
        cls.daemon = cls.enterClassContext(ForkyDaemon(cls.lab))
        cls.disk = make_disk(cls.lab)

    def setUp(self):
        self.request = domain_request(self.disk, owner="project-1")
        self.addCleanup(self.keys, 0)
        self.addCleanup(self.undefine, stop=True)

    def keys(self, in_use):
        """The inventory, once the kernel counts that many keys in use."""
        self.lab.set_current(in_use)
        self.daemon.refreshed()
        keys = self.daemon.call("TdxInventory").keys
        return {name: getattr(keys, name).value for name in (
            "total", "in_use", "defined", "running", "unaccounted", "free")}

    def undefine(self, stop=False):
        return self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=self.request.domain.uuid, stop=stop))

    def states(self):
        return [(domain.uuid, domain.state)
                for domain in self.daemon.call("ListTdxDomains").domains]

    def start(self):
        request = copy_of(self.request)
        request.start = True
        return self.daemon.call("DefineTdxDomain", request)

    def test_from_definition_to_removal(self):
        uuid = self.request.domain.uuid
        none = {"total": 63, "in_use": 0, "defined": 0, "running": 0, "unaccounted": 0, "free": 63}
        self.assertEqual(none, self.keys(0))
        self.assertFalse(self.daemon.call("DefineTdxDomain", self.request).running)
        self.assertEqual([(uuid, v1.DOMAIN_STATE_SHUT_OFF)], self.states())
        self.assertEqual({**none, "defined": 1}, self.keys(0))

        answer = self.start()
        self.assertTrue(answer.already_defined and answer.running)
        self.assertFalse(answer.simulated)
        self.assertEqual([(uuid, v1.DOMAIN_STATE_RUNNING)], self.states())
        running = {**none, "defined": 1, "running": 1, "in_use": 1, "free": 62}
        self.assertEqual(running, self.keys(1))
        self.assertEqual({**running, "in_use": 3, "unaccounted": 2, "free": 60}, self.keys(3))

        refusal = self.daemon.refusal("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid))
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_RUNS"), (refusal.code, refusal.reason))
        self.assertTrue(self.undefine(stop=True).stopped)
        self.assertEqual([], self.states())
        self.assertEqual(none, self.keys(0))
        self.assertTrue(self.undefine().already_gone)

    def test_definition_and_start_in_one_are_repeated_without_harm(self):
        first = self.start()
        self.assertTrue(first.running)
        self.assertFalse(first.already_defined)
        again = self.start()
        self.assertTrue(again.already_defined and again.running)
        self.assertEqual(1, self.keys(1)["running"])

    def test_last_key_is_given_once(self):
        self.addCleanup(self.lab.set_capacity, 63)
        self.lab.set_capacity(1)
        self.daemon.refreshed()
        self.start()
        self.assertEqual(0, self.keys(1)["free"])
        other = domain_request(self.disk)
        other.start = True
        refusal = self.daemon.refusal("DefineTdxDomain", other)
        self.assertEqual(("RESOURCE_EXHAUSTED", "NO_FREE_KEY"), (refusal.code, refusal.reason))
        # The one that runs has its key already.
        self.assertTrue(self.start().running)

    def test_watcher_sees_each_step(self):
        with self.daemon.watching() as watch:
            def hears(**figures):
                return any(all(getattr(told.tdx_keys, name).value == value
                               for name, value in figures.items()) for told in watch)
            self.daemon.call("DefineTdxDomain", self.request)
            self.assertTrue(hears(defined=1, running=0))
            self.start()
            self.assertTrue(hears(defined=1, running=1))
            self.undefine(stop=True)
            self.assertTrue(hears(defined=0, running=0))

    def test_operators_tool_tells_the_same(self):
        self.start()
        self.keys(1)
        listed = self.daemon.ctl("list")["domains"]
        self.assertEqual([(self.request.domain.uuid, "DOMAIN_STATE_RUNNING", "project-1")],
                         [(each["uuid"], each["state"], each["owner"]) for each in listed])
        keys = self.daemon.ctl("inventory")["keys"]
        self.assertEqual(("63", "1", "1", "62"), tuple(
            keys[name]["value"] for name in ("total", "in_use", "running", "free")))
        gone = self.daemon.ctl("undefine", "--stop", self.request.domain.uuid)
        self.assertTrue(gone["stopped"])
        self.assertEqual([], self.states())


if __name__ == "__main__":
    harness.main()
