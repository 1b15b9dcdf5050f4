#!/usr/bin/python3
"""What a running trust domain, its QEMU and its KVM do, and what ccplaced says of it at once."""

import sys

import harness
from harness.host_views import SETTLE_SECONDS
from harness.on_running_guest import OnRunningGuest

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402


class WhatGuestsDo(OnRunningGuest):
    """A guest as ccplaced defines it, whose crash ends it."""

    def test_reboot_makes_the_trust_domain_anew_in_the_same_qemu(self):
        before = self.qemu_pid()
        self.guest.reboot()
        self.wait_for_launches(2)
        self.assert_now("running", held=True)
        self.assertEqual(before, self.qemu_pid())

    def mark(self, events, word):
        """Whether a change of metadata, made now, is among the events."""
        self.virsh("metadata", self.uuid, f"urn:{word}", "--key", word, "--set", "<a/>", "--live")
        return any(f"urn:{word}" in line for line in events)

    def test_reboot_is_no_event_of_the_domains_life(self):
        with self.lab.events(self.uuid) as events:
            wait_for("first event", lambda: self.mark(events, "begin"), SETTLE_SECONDS)
            self.guest.reboot()
            wait_for("reboot", lambda: any("'reboot'" in line for line in events), SETTLE_SECONDS)
            wait_for("last event", lambda: self.mark(events, "end"), SETTLE_SECONDS)
            kinds = [line.split("'")[1] for line in events]
        self.assertEqual(["reboot"], [kind for kind in kinds if kind != "metadata-change"])

    def test_power_off_gives_the_key_back(self):
        self.guest.power_off()
        self.assert_now("shut_off", held=False)

    def test_panic_gives_the_key_back(self):
        self.guest.panic()
        self.assert_now("shut_off", held=False)

    def test_failure_in_kvm_leaves_it_paused_with_its_key(self):
        self.guest.fail_in_kvm()
        self.assert_now("paused", held=True)
        self.assertTrue(self.remove().stopped)
        self.views.await_all({}, held=0)

    def test_death_of_qemu_gives_the_key_back(self):
        self.kill_qemu()
        self.assert_now("shut_off", held=False)

    def test_guest_that_ended_is_started_by_a_repeat(self):
        self.guest.power_off()
        self.assert_now("shut_off", held=False)
        answer = self.start()
        self.assertTrue(answer.already_defined and answer.running)


class PreservedCrash(OnRunningGuest):
    """A guest that is kept after a crash, because somebody edited it so."""

    def prepare(self):
        self.daemon.call("DefineTdxDomain", self.request)
        self.define_otherwise(lambda xml: xml.replace(
            "<on_crash>destroy</on_crash>", "<on_crash>preserve</on_crash>"))

    def setUp(self):
        super().setUp()
        self.guest.panic()

    def test_keeps_its_key(self):
        self.assert_now("crashed", held=True)

    def test_is_not_said_to_run(self):
        self.assert_now("crashed", held=True)
        request = type(self.request).FromString(self.request.SerializeToString())
        request.start = True
        refusal = self.daemon.refusal("DefineTdxDomain", request)
        self.assertEqual("FAILED_PRECONDITION", refusal.code)
        self.assertIn("crashed", refusal.message)

    def test_is_stopped_and_removed(self):
        self.assert_now("crashed", held=True)
        self.assertTrue(self.remove().stopped)
        self.views.await_all({}, held=0)


if __name__ == "__main__":
    harness.main()
