#!/usr/bin/python3
"""What operators do to a trust domain past ccplaced, with virsh or to libvirtd, and what it says."""

import re

import harness
from harness.on_running_guest import OnRunningGuest
from harness.trust_domains import make_disk, new_uuid


def without_launch_security(xml):
    return re.sub("<launchSecurity.*</launchSecurity>", "", xml, flags=re.DOTALL)


class Operators(OnRunningGuest):
    """Each starts with a guest that runs."""

    def test_pause_keeps_the_key_and_resume_goes_on(self):
        self.virsh("suspend", self.uuid)
        self.assert_now("paused", held=True)
        self.virsh("resume", self.uuid)
        self.assert_now("running", held=True)

    def test_reset_runs_in_another_qemu_with_one_key(self):
        before = self.qemu_pid()
        self.virsh("reset", self.uuid)
        self.wait_for_launches(2)
        self.assert_now("running", held=True)
        self.assertNotEqual(before, self.qemu_pid())

    def test_destroy_gives_the_key_back(self):
        self.virsh("destroy", self.uuid)
        self.assert_now("shut_off", held=False)

    def test_snapshot_of_the_disk_changes_nothing_and_removal_takes_it_along(self):
        self.virsh("snapshot-create-as", self.uuid, "before", "--disk-only")
        self.assert_now("running", held=True)
        self.assertTrue(self.remove().stopped)
        self.views.await_all({}, held=0)

    def test_edit_leaves_the_running_guest_as_it_is(self):
        self.define_otherwise(lambda xml: xml.replace(">1048576<", ">524288<"))
        self.assert_now("running", held=True)

    def test_edit_that_takes_encryption_away_leaves_the_running_guest_counted(self):
        self.define_otherwise(without_launch_security)
        self.assert_now("running", held=True)
        self.virsh("destroy", self.uuid)
        self.views.await_all({}, held=0)

    def test_rename_is_followed(self):
        self.virsh("destroy", self.uuid)
        self.virsh("domrename", self.uuid, f"{self.name}-x")
        self.views.await_only(f"{self.name}-x", "shut_off", held=False)

    def test_undefine_leaves_the_running_guest_counted_until_it_ends(self):
        self.virsh("undefine", self.uuid)
        self.assert_now("running", held=True)
        self.virsh("destroy", self.uuid)
        self.views.await_all({}, held=0)

    def test_transient_guest_is_stopped_and_gone(self):
        self.virsh("undefine", self.uuid)
        self.assert_now("running", held=True)
        self.assertTrue(self.remove().stopped)
        self.views.await_all({}, held=0)


class Libvirtd(OnRunningGuest):
    """libvirtd goes and comes, and its guests stay."""

    def test_restart_leaves_guests_running_with_their_keys(self):
        before = self.qemu_pid()
        with self.lab.killed():
            pass
        self.assert_now("running", held=True)
        self.assertEqual(before, self.qemu_pid())

    def test_guest_that_ended_meanwhile_is_seen_to_have(self):
        with self.lab.killed():
            self.kill_qemu()
        self.assert_now("shut_off", held=False)


class Several(OnRunningGuest):
    """More than one guest."""

    def test_each_has_a_key_of_its_own(self):
        states = {self.name: "running"}
        requests = []
        for number in range(3):
            request = type(self.request).FromString(self.request.SerializeToString())
            request.domain.uuid = new_uuid()
            request.domain.name = f"{self.name}-{number}"
            request.domain.disks[0].file.path = make_disk(self.lab, f"disk{number}.img")
            request.start = True
            requests.append(request)
            self.addCleanup(self.lab.virsh, "undefine", request.domain.uuid, check=False)
            self.addCleanup(self.lab.virsh, "destroy", request.domain.uuid, check=False)
            self.daemon.call("DefineTdxDomain", request)
            states[request.domain.name] = "running"
        self.views.await_all(states, held=4)
        self.lab.guest(requests[0].domain.uuid).power_off()
        states[requests[0].domain.name] = "shut_off"
        self.views.await_all(states, held=3)


if __name__ == "__main__":
    harness.main()
