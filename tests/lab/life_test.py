#!/usr/bin/python3
"""A trust domain's whole life in real QEMU, through the built ccplaced and ccplacectl."""

import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.trust_domains import copy_of, domain_request, make_disk


class WholeLife(unittest.TestCase):
    """Define, start, list, count, stop, remove: each test leaves nothing behind."""

    NONE = {"total": 63, "in_use": 0, "defined": 0, "running": 0, "unaccounted": 0, "free": 63}

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.daemon = cls.enterClassContext(cls.new_daemon())
        cls.disk = make_disk(cls.lab)

    @classmethod
    def new_daemon(cls):
        return Daemon.on(cls.lab)

    def setUp(self):
        self.request = domain_request(self.disk, owner="project-1")
        self.addCleanup(self.undefine, stop=True)

    def keys(self):
        self.daemon.refreshed()
        keys = self.daemon.call("TdxInventory").keys
        return {name: getattr(keys, name).value for name in self.NONE}

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
        self.assertEqual(self.NONE, self.keys())
        self.assertFalse(self.daemon.call("DefineTdxDomain", self.request).running)
        self.assertEqual([(uuid, v1.DOMAIN_STATE_SHUT_OFF)], self.states())
        self.assertEqual({**self.NONE, "defined": 1}, self.keys())

        answer = self.start()
        self.assertTrue(answer.already_defined and answer.running)
        self.assertFalse(answer.simulated)
        self.assertEqual([(uuid, v1.DOMAIN_STATE_RUNNING)], self.states())
        running = {**self.NONE, "defined": 1, "running": 1, "in_use": 1, "free": 62}
        self.assertEqual(running, self.keys())
        self.lab.set_current(3)  # Two of others.
        self.assertEqual({**running, "in_use": 3, "unaccounted": 2, "free": 60}, self.keys())
        self.lab.set_current(1)

        refusal = self.daemon.refusal("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid))
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_RUNS"), (refusal.code, refusal.reason))
        self.assertTrue(self.undefine(stop=True).stopped)
        self.assertEqual([], self.states())
        self.assertEqual(self.NONE, self.keys())
        self.assertTrue(self.undefine().already_gone)

    def test_definition_and_start_in_one_are_repeated_without_harm(self):
        first = self.start()
        self.assertTrue(first.running)
        self.assertFalse(first.already_defined)
        again = self.start()
        self.assertTrue(again.already_defined and again.running)
        self.assertEqual(1, self.keys()["running"])

    def test_last_key_is_given_once(self):
        self.addCleanup(self.lab.set_capacity, 63)
        self.lab.set_capacity(1)
        self.daemon.refreshed()
        self.start()
        self.assertEqual(0, self.keys()["free"])
        other = domain_request(make_disk(self.lab, "other.img"))
        other.start = True
        refusal = self.daemon.refusal("DefineTdxDomain", other)
        self.assertEqual(("RESOURCE_EXHAUSTED", "NO_FREE_KEY"), (refusal.code, refusal.reason))
        # The one that runs has its key already.
        self.assertTrue(self.start().running)

    def test_watcher_sees_each_step(self):
        with self.daemon.watching() as watch:
            def sees(**figures):
                return any(all(getattr(told.tdx_keys, name).value == value
                               for name, value in figures.items()) for told in watch)
            self.daemon.call("DefineTdxDomain", self.request)
            self.assertTrue(sees(defined=1, running=0, in_use=0))
            self.start()
            self.assertTrue(sees(defined=1, running=1, in_use=1))
            self.undefine(stop=True)
            self.assertTrue(sees(defined=0, running=0, in_use=0))

    def test_operators_tool_says_the_same(self):
        self.start()
        self.keys()
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
