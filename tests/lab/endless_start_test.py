#!/usr/bin/python3
"""A start that waits for its vhost-user switch, which may never come."""

import socket
import sys

import harness
from harness.contract import v1
from harness.trust_domains import domain_request
from outages_test import SETTLE_SECONDS, OnHostOfItsOwn

sys.path.insert(0, str(harness.HERE.parent / "support"))
from waiting import wait_for  # noqa: E402


class EndlessStart(OnHostOfItsOwn):
    """A start that waits for the switch to connect: QEMU answers nobody until then."""

    FLAGS = ("--hypervisor_timeout=4s", "--shutdown_timeout=4s")

    def setUp(self):
        super().setUp()
        self.enterContext(self.lab.refusing_trust_domains())
        (self.lab.host_root / "run/vhost").mkdir()
        self.lab.run("mkdir", "-p", "/run/vhost")
        interface = self.request.domain.interfaces.add(mac="52:54:00:12:34:56")
        interface.vhost_user.socket_path = "/run/vhost/switch"
        interface.vhost_user.server = True
        self.request.start = True

        self.switch = self.lab.root / "run/vhost/switch"

    def start(self):
        """Until QEMU waits: the time can be over before, on a machine that is busy."""
        wait_for("socket of QEMU", self.starts, SETTLE_SECONDS)

    def starts(self):
        refusal = self.daemon.refusal("DefineTdxDomain", self.request)
        self.assertEqual("DEADLINE_EXCEEDED", refusal.code)
        return self.switch.exists()

    def test_ends_with_the_switch(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as switch:
            switch.connect(str(self.switch))
        # QEMU goes on, and fails where every start fails here; nothing is left behind.
        self.wait_until_no_domain()

    def test_is_ended_by_the_removal_of_the_domain(self):
        self.start()
        answer = self.daemon.call("UndefineTdxDomain", v1.UndefineTdxDomainRequest(
            uuid=self.request.domain.uuid, stop=True))
        self.assertEqual(self.request.domain.uuid, answer.uuid)
        self.wait_until_no_domain()

    def test_is_removed_at_once_though_libvirt_died_meanwhile_and_holds_it(self):
        self.start()
        uuid = self.request.domain.uuid
        with self.lab.killed():
            pass
        wait_for("word that nothing can be read of it",
                 lambda: self.daemon.call("ListTdxDomains").unread, SETTLE_SECONDS,
                 lambda unread: [domain.uuid for domain in unread] == [uuid])
        self.assertFalse(self.freshness().hypervisor.stale)
        for start in (True, False):
            self.request.start = start
            refusal = self.daemon.refusal("DefineTdxDomain", self.request)
            self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_HELD"), (refusal.code, refusal.reason))
            self.assertIn("UndefineTdxDomain with stop", refusal.message)
        refusal = self.daemon.refusal("UndefineTdxDomain", v1.UndefineTdxDomainRequest(uuid=uuid))
        self.assertEqual(("FAILED_PRECONDITION", "DOMAIN_RUNS"), (refusal.code, refusal.reason))
        answer = self.daemon.call("UndefineTdxDomain",
                                  v1.UndefineTdxDomainRequest(uuid=uuid, stop=True))
        self.assertTrue(answer.stopped)
        self.assertEqual([], self.names())

    def test_others_are_served_meanwhile(self):
        self.start()
        other = domain_request(self.request.domain.disks[0].file.path)
        answer = self.daemon.call("DefineTdxDomain", other)
        self.assertEqual(other.domain.uuid, answer.uuid)
        uuids = {self.request.domain.uuid, other.domain.uuid}
        wait_for("list of both domains",
                 lambda: {domain.uuid for domain in self.daemon.call("ListTdxDomains").domains},
                 SETTLE_SECONDS, lambda listed: listed == uuids)
        for _ in range(20):
            self.daemon.refreshed()
            self.assertFalse(self.freshness().hypervisor.stale)


if __name__ == "__main__":
    harness.main()
