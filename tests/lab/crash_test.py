#!/usr/bin/python3
"""kill -9 of ccplaced at each step of a write: the same request again settles it.

A step is a call to libvirt that changes a domain. The daemon dies before libvirt has it, and after
libvirt did it but before the daemon has heard. Which steps there are is found by a run that nothing
disturbs, and held to those that the test names: none is passed over, and none is new.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import sys
import unittest

import harness
from harness.contract import v1
from harness.daemon import Daemon
from harness.libvirt_proxy import (DEFINE, NOTE_ON_DEFINITION, NOTE_ON_GUEST, START, STOP, UNDEFINE,
                                   LibvirtProxy)
from harness.trust_domains import copy_of, domain_request, make_disk

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402

SETTLE_SECONDS = 60
FIRMWARE = "/usr/share/ovmf/OVMF.inteltdx.ms.fd"
OTHER_FIRMWARE = "/usr/share/ovmf/OTHER.fd"


def deaths(steps):
    """Each moment to die at: (step, whether libvirt has done it)."""
    return itertools.product(steps, (False, True))


class Recorder:
    """Remembers the steps of a call, and kills a process at one of them."""

    def __init__(self, pid=None, death=None):
        self.steps = []
        self.has_killed = False
        self._pid, self._death = pid, death

    def at_step(self, step, is_answer):
        if not is_answer:
            self.steps.append(step)
        if not self.has_killed and (step, is_answer) == self._death:
            os.kill(self._pid, signal.SIGKILL)
            self.has_killed = True
        return self.has_killed


class CrashMatrix(unittest.TestCase):
    """One host and one daemon for all; each death is of a domain of its own."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(harness.Lab("full"))
        cls.proxy = cls.enterClassContext(LibvirtProxy(cls.lab.uri))
        cls.daemon = cls.enterClassContext(
            Daemon.on(cls.lab, f"--libvirt_uri={cls.proxy.uri}"))
        cls.disk = make_disk(cls.lab)

    def setUp(self):
        self.addCleanup(self.watch, None)

    def watch(self, recorder):
        """Steps are told to `recorder` from here on; None: to nobody."""
        self.proxy.at_step = recorder.at_step if recorder else lambda step, is_answer: False

    def new_request(self):
        self.request = domain_request(self.disk)
        self.definition = copy_of(self.request)
        self.request.start = True
        self.removal = v1.UndefineTdxDomainRequest(uuid=self.request.domain.uuid, stop=True)

    # Calls.

    def define(self):
        return self.daemon.call("DefineTdxDomain", self.request)

    def remove(self):
        """Removed whole: no domain, no key."""
        self.daemon.call("UndefineTdxDomain", self.removal)
        self.assertEqual([], self.names())
        self.wait_for_keys(0)

    def steps_of(self, name, request):
        """The steps of a call that nothing disturbs, each once; it may be refused."""
        recorder = Recorder()
        self.watch(recorder)
        try:
            self.daemon.call(name, request)
        finally:
            self.watch(None)
        return sorted(set(recorder.steps))

    def die_at(self, death, name, request):
        """The daemon is killed at that step of the call, and started again."""
        recorder = Recorder(self.daemon.process.pid, death)
        self.watch(recorder)
        refusal = self.daemon.refusal(name, request)
        self.watch(None)
        self.assertTrue(recorder.has_killed, f"never reached; the steps were {recorder.steps}")
        self.assertEqual("UNAVAILABLE", refusal.code)
        self.daemon.end(signal.SIGKILL)
        self.daemon.start()

    @contextlib.contextmanager
    def dying(self, death):
        """A subtest with a request of its own."""
        with self.subTest(death[0], done=death[1]):
            self.new_request()
            yield

    # What is there.

    def names(self):
        return self.lab.virsh("list", "--all", "--name").stdout.split()

    def wait_for_keys(self, in_use):
        """By the kernel's own count, which has the keys of forgotten QEMUs too."""
        wait_for(f"{in_use} keys in use", lambda: self.daemon.call("TdxInventory").keys,
                 SETTLE_SECONDS, lambda keys: keys.in_use.value == in_use)

    def verdicts(self):
        return [line["verdict"] for line in self.daemon.audit()
                if line.get("uuid") == self.request.domain.uuid]

    def assert_repeat_makes_one(self, already_defined, verdicts):
        """The same request again: one guest, one key, and the audit has each call."""
        answer = self.define()
        self.assertTrue(answer.running)
        self.assertEqual(already_defined, answer.already_defined)
        self.assertEqual([self.request.domain.name], self.names())
        self.wait_for_keys(1)
        self.assertEqual(verdicts, self.verdicts())
        self.assertEqual([(self.request.domain.uuid, v1.DOMAIN_STATE_RUNNING)], [
            (domain.uuid, domain.state)
            for domain in self.daemon.call("ListTdxDomains").domains])

    # Of a definition that starts the guest.

    STEPS = [DEFINE, START, NOTE_ON_GUEST]

    def test_has_the_steps_that_are_died_at(self):
        self.new_request()
        self.assertEqual(sorted(self.STEPS), self.steps_of("DefineTdxDomain", self.request))
        self.assertEqual(sorted([STOP, UNDEFINE]), self.steps_of("UndefineTdxDomain", self.removal))

    def test_repeat_after_a_death_at_any_step_leaves_one_guest_with_one_key(self):
        for death in deaths(self.STEPS):
            with self.dying(death):
                self.die_at(death, "DefineTdxDomain", self.request)
                self.assert_repeat_makes_one(death != (DEFINE, False), ["BEGUN", "BEGUN", "OK"])
                self.remove()

    def test_removal_after_a_death_at_any_step_leaves_nothing(self):
        for death in deaths(self.STEPS):
            with self.dying(death):
                self.die_at(death, "DefineTdxDomain", self.request)
                self.remove()
                self.assertEqual(["BEGUN", "BEGUN", "OK"], self.verdicts())

    # Of a start of what was defined before.

    def test_repeat_after_a_death_at_any_step_of_a_later_start_starts_it_once(self):
        self.new_request()
        self.daemon.call("DefineTdxDomain", self.definition)
        found = self.steps_of("DefineTdxDomain", self.request)
        self.assertEqual(sorted([START, NOTE_ON_GUEST]), found)
        self.remove()
        for death in deaths(found):
            with self.dying(death):
                self.daemon.call("DefineTdxDomain", self.definition)
                self.die_at(death, "DefineTdxDomain", self.request)
                self.assert_repeat_makes_one(True, ["BEGUN", "OK", "BEGUN", "BEGUN", "OK"])
                self.remove()

    # Of a removal that stops the guest.

    def test_repeat_after_a_death_at_any_step_of_a_removal_leaves_nothing(self):
        for death in deaths([STOP, UNDEFINE]):
            with self.dying(death):
                self.define()
                self.die_at(death, "UndefineTdxDomain", self.removal)
                self.remove()
                self.assertEqual(["BEGUN", "OK", "BEGUN", "BEGUN", "OK"], self.verdicts())

    # Of a start that fails, after which the definition is taken back.

    def test_repeat_after_a_death_while_a_definition_is_taken_back_makes_one_guest(self):
        for death in deaths([UNDEFINE]):
            with self.dying(death):
                with self.lab.refusing_trust_domains():
                    self.die_at(death, "DefineTdxDomain", self.request)
                self.assert_repeat_makes_one(death == (UNDEFINE, False), ["BEGUN", "BEGUN", "OK"])
                self.remove()

    # Of a definition that gets other firmware than was known before it.

    def other_firmware(self):
        """A descriptor that comes first from here on, until what is returned is called."""
        descriptor = self.lab.host_root / "etc/qemu/firmware/10-other.json"
        features = ["intel-tdx", "secure-boot", "enrolled-keys"]
        descriptor.write_text(json.dumps({
            "description": "another build", "interface-types": ["uefi"], "tags": [],
            "mapping": {"device": "memory", "filename": OTHER_FIRMWARE}, "features": features,
            "targets": [{"architecture": "x86_64", "machines": ["pc-q35-*"]}]}))
        return descriptor.unlink

    def test_repeat_after_a_death_at_the_note_of_other_firmware_makes_one_guest(self):
        shutil.copy(f"{self.lab.host_root}{FIRMWARE}", f"{self.lab.host_root}{OTHER_FIRMWARE}")
        for death in deaths([NOTE_ON_DEFINITION]):
            with self.dying(death):
                self.assertEqual(FIRMWARE, self.daemon.refreshed().capabilities.tdx_firmware.path)
                undo = []
                self.proxy.before_call = lambda: undo.append(self.other_firmware())
                self.die_at(death, "DefineTdxDomain", self.request)
                self.proxy.before_call = lambda: None
                self.assert_repeat_makes_one(True, ["BEGUN", "BEGUN", "OK"])
                self.assertEqual(OTHER_FIRMWARE, self.define().reference.firmware_path)
                self.remove()
                undo[0]()


if __name__ == "__main__":
    harness.main()
