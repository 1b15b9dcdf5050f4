#!/usr/bin/python3
"""What a running trust domain, its QEMU and its KVM do, and what ccplaced says of it at once."""

import harness
from harness.on_running_guest import OnRunningGuest


class WhatGuestsDo(OnRunningGuest):
    """A guest as ccplaced defines it, whose crash ends it."""

    def test_reboot_makes_the_trust_domain_anew_in_the_same_qemu(self):
        before = self.qemu_pid()
        self.guest.reboot()
        self.wait_for_launches(2)
        self.assert_now("running", held=True)
        self.assertEqual(before, self.qemu_pid())

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


if __name__ == "__main__":
    harness.main()
