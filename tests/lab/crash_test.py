#!/usr/bin/python3
"""kill -9 of ccplaced at each step of a definition and a start: a repeat of the request settles it.

A step is a call to libvirt that changes a domain. The daemon dies before libvirt has it, and after
libvirt did it but before the daemon has heard.
"""

import os
import pathlib
import signal
import sys
import threading
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon, Refusal
from harness.libvirt_proxy import LibvirtProxy
from harness.trust_domains import domain_request, make_disk

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from waiting import wait_for  # noqa: E402

SETTLE_SECONDS = 60
# Define, note the firmware on the definition, start, note the launch on the guest.
STEPS = ["define", "set-metadata", "create", "set-metadata"]
MOMENTS = [(step, is_answer) for step in range(len(STEPS)) for is_answer in (False, True)]


class Recorder:
    """Remembers the steps, and kills the daemon at one of them."""

    def __init__(self, daemon, moment=None):
        self.steps = []
        self.dead = threading.Event()
        self._pid = daemon.process.pid
        self._moment = moment

    def at_step(self, name, is_answer):
        if not is_answer:
            self.steps.append(name)
        if self.dead.is_set():
            return True
        if (len(self.steps) - 1, is_answer) != self._moment:
            return False
        os.kill(self._pid, signal.SIGKILL)
        self.dead.set()
        return True


class CrashMatrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.proxy = cls.enterClassContext(LibvirtProxy(cls.lab.uri))
        cls.daemon = cls.enterClassContext(
            Daemon.on(cls.lab, f"--libvirt_uri={cls.proxy.uri}"))

    def setUp(self):
        self.request = domain_request(make_disk(self.lab))
        self.request.start = True

    def tearDown(self):
        self.proxy.at_step = lambda name, is_answer: False

    def names(self):
        return self.lab.virsh("list", "--all", "--name").stdout.split()

    def wait_for_keys(self, in_use):
        wait_for(f"{in_use} keys in use", lambda: self.daemon.call("TdxInventory").keys,
                 SETTLE_SECONDS, lambda keys: keys.in_use.value == in_use)

    def verdicts(self):
        return [line["verdict"] for line in self.daemon.audit()
                if line.get("uuid") == self.request.domain.uuid]

    def define(self):
        try:
            self.daemon.call("DefineTdxDomain", self.request)
        except Refusal as refusal:
            self.refusals.append(refusal)

    def remove(self):
        self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=self.request.domain.uuid, stop=True))
        self.assertEqual([], self.names())
        self.wait_for_keys(0)

    def test_has_the_steps_that_the_matrix_is_made_of(self):
        recorder = Recorder(self.daemon)
        self.proxy.at_step = recorder.at_step
        self.daemon.call("DefineTdxDomain", self.request)
        self.assertEqual(STEPS, recorder.steps)
        self.remove()

    def die_at(self, moment):
        recorder = Recorder(self.daemon, moment)
        self.proxy.at_step = recorder.at_step
        self.refusals = []
        caller = threading.Thread(target=self.define)
        caller.start()
        self.assertTrue(recorder.dead.wait(SETTLE_SECONDS))
        self.daemon.end(signal.SIGKILL)
        caller.join()
        self.assertEqual(["UNAVAILABLE"], [refusal.code for refusal in self.refusals])
        self.proxy.at_step = lambda name, is_answer: False
        self.daemon.start()

    def test_repeat_after_a_death_at_any_step_leaves_one_guest_with_one_key(self):
        for step, is_answer in MOMENTS:
            with self.subTest(step=STEPS[step], index=step, done=is_answer):
                self.setUp()
                self.die_at((step, is_answer))
                answer = self.daemon.call("DefineTdxDomain", self.request)
                self.assertTrue(answer.running)
                self.assertEqual((step, is_answer) > (0, False), answer.already_defined)
                self.assertEqual([self.request.domain.name], self.names())
                self.wait_for_keys(1)
                self.assertEqual(["BEGUN", "BEGUN", "OK"], self.verdicts())
                self.assertEqual([self.request.domain.uuid], [
                    domain.uuid for domain in self.daemon.call("ListTdxDomains").domains])
                self.remove()

    def test_removal_after_a_death_at_any_step_leaves_nothing(self):
        for step, is_answer in MOMENTS:
            with self.subTest(step=STEPS[step], index=step, done=is_answer):
                self.setUp()
                self.die_at((step, is_answer))
                self.remove()
                self.assertEqual(["BEGUN", "BEGUN", "OK"], self.verdicts())


if __name__ == "__main__":
    harness.main()
